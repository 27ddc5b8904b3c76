"""Good manners towards a host: one request at a time, a pause between two, and none where it has asked for a rest.

The decisions are pure functions; `Polite` holds the state of each host and waits on the clock.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import IO
from urllib.parse import urlsplit

from events.clock import monotonic, to_utc
from scrapers.answer import Fetched, FetchError, Throttled, Unreachable, Validators
from scrapers.fetch import Fetcher
from scrapers.pace import Pace
from scrapers.page import Request
from scrapers.robots import Robots

LONGEST_PAUSE = 86_400.0
"""Seconds. A site that asks for more is asked again after a day."""

_IN_TROUBLE = frozenset({412, 429})


@dataclass(frozen=True, slots=True)
class Manners:
    """Times are seconds. After ``failures`` failed requests in a row a host is left alone, longer with each further one."""

    failures: int = 5
    rest: float = 60.0
    longest_rest: float = 3600.0
    robots_ttl: float = 86_400.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One request and what came of it, for somebody who looks on. ``answer`` is the answer, or why there is none."""

    request: Request
    answer: Fetched | FetchError
    ms: int


Listener = Callable[[Heard], None]


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a host has been doing: failed requests in a row, and until when (aware, UTC) it is left alone."""

    failures: int = 0
    open_until: datetime | None = None


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, given in seconds or as an HTTP date (RFC 9110, section 10.2.3).

    None where the header is absent or unreadable; a date in the past is 0; at most `LONGEST_PAUSE`.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_PAUSE)
    try:
        when = parsedate_to_datetime(text)
        seconds = (to_utc(when) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def backoff(failures: int, base: float, longest: float, jitter: float) -> float:
    """Seconds to wait after the n-th failure in a row: doubling from ``base``, with ``jitter`` (0 to 1) over the upper half."""
    whole = min(base * 2.0 ** min(max(failures, 1) - 1, 40), longest)
    return whole * (0.5 + jitter / 2)


def after_request(circuit: Circuit, ok: bool, now: datetime, manners: Manners, jitter: float) -> Circuit:
    """The circuit after a request. One that succeeds closes it; it opens, and opens again for longer, by failures in a row."""
    if ok:
        return Circuit()
    failures = circuit.failures + 1
    if failures < manners.failures:
        return Circuit(failures)
    rest = backoff(failures - manners.failures + 1, manners.rest, manners.longest_rest, jitter)
    return Circuit(failures, now + timedelta(seconds=rest))


def fails_host(fetched: Fetched) -> bool:
    """Whether an answer says that the whole host is in trouble, or wants us gone: a missing page does not."""
    return fetched.status >= 500 or fetched.status in _IN_TROUBLE


@dataclass(slots=True)
class _Host:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: datetime | None = None
    rest_until: datetime | None = None
    circuit: Circuit = Circuit()


class Polite:
    """Asks hosts through a fetcher, with manners. One for the whole process."""

    def __init__(
        self,
        fetcher: Fetcher,
        pace: Pace,
        rng: random.Random,
        manners: Manners | None = None,
        heard: Listener | None = None,
    ) -> None:
        """``heard`` is told of every request that is asked or refused, robots.txt too."""
        self._fetcher = fetcher
        self._heard = heard
        self._pace = pace
        self._rng = rng
        self._manners = manners or Manners()
        self._hosts: dict[str, _Host] = {}
        self._robots = Robots(self._ask_robots, pace, self._manners.robots_ttl)

    async def get(
        self, request: Request, delay: float, conditional: Validators | None = None, into: IO[bytes] | None = None
    ) -> Fetched:
        """The answer to a request, at least ``delay`` seconds after the last one to this host was answered.

        With ``into`` its body goes to that file. A longer ``Crawl-delay`` of the host's robots.txt is kept. Raises
        `FetchError`, also without asking: where robots.txt forbids the page, where the host asked for a pause that has not
        ended, and where it failed too often.
        """
        host = self._hosts.setdefault(urlsplit(request.url).netloc.lower(), _Host())
        async with self._pace.turn(host.turn):
            robots_delay = await self._permitted(host, request)
            await self._pause(host)
            fetched = await self._tried(host, request, conditional, into)
            host.free_at = self._later(max(delay, robots_delay) * (1 + 0.2 * self._rng.random()))
            return fetched

    async def _permitted(self, host: _Host, request: Request) -> float:
        """Seconds that robots.txt asks for between two requests. Raises `FetchError` where the page is not to be asked for."""
        began = monotonic()
        try:
            self._rested(host)
            return await self._robots.permitted(request.url)
        except FetchError as error:
            self._tell(request, error, began)
            raise

    def _tell(self, request: Request, answer: Fetched | FetchError, began: float) -> None:
        if self._heard:
            self._heard(Heard(request, answer, round((monotonic() - began) * 1000)))

    def _rested(self, host: _Host) -> None:
        now = self._pace.now()
        if host.rest_until and now < host.rest_until:
            raise Throttled(
                f"the site asked for a pause until {host.rest_until:%Y-%m-%d %H:%M:%S}Z", _left(host.rest_until, now)
            )
        until = host.circuit.open_until
        if until and now < until:
            times = host.circuit.failures
            raise Unreachable(
                f"not asked: {times} requests failed in a row; again at {until:%H:%M:%S}Z", _left(until, now)
            )

    async def _pause(self, host: _Host) -> None:
        if host.free_at and (wait := _left(host.free_at, self._pace.now())) > 0:
            await self._pace.sleep(wait)

    async def _tried(
        self, host: _Host, request: Request, conditional: Validators | None, into: IO[bytes] | None = None
    ) -> Fetched:
        began = monotonic()
        try:
            fetched = await self._fetcher.get(request, conditional, self._may_follow, into)
        except FetchError as error:
            self._tell(request, error, began)
            self._note(host, ok=not isinstance(error, Unreachable))
            host.free_at = self._pace.now()
            raise
        self._tell(request, fetched, began)
        self._note(host, ok=not fails_host(fetched))
        if fetched.status in {429, 503}:
            asked = retry_after(fetched.headers.get("retry-after"), self._pace.now())
            host.rest_until = self._later(asked) if asked else None
        return fetched

    def _note(self, host: _Host, *, ok: bool) -> None:
        host.circuit = after_request(host.circuit, ok, self._pace.now(), self._manners, self._rng.random())

    async def _may_follow(self, url: str) -> None:
        await self._robots.permitted(url)

    async def _ask_robots(self, url: str) -> Fetched:
        """The robots.txt of a host. Its own redirects need no leave: that leave would be asked for without end."""
        began, request = monotonic(), Request(url)
        try:
            fetched = await self._fetcher.get(request)
        except FetchError as error:
            self._tell(request, error, began)
            raise
        self._tell(request, fetched, began)
        return fetched

    def _later(self, seconds: float) -> datetime:
        return self._pace.now() + timedelta(seconds=seconds)


def _left(until: datetime, now: datetime) -> float:
    return (until - now).total_seconds()
