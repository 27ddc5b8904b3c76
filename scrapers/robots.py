"""robots.txt: may we ask for this page, and how slowly? Rule: RFC 9309."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from events.clock import Clock
from scrapers.answer import Fetched, FetchError, Refused, Throttled, Unreachable
from scrapers.fetch import AGENT

LARGEST = 500 * 1024
"""Bytes that are read of a robots.txt (RFC 9309, section 2.5)."""

LONGEST_DELAY = 60.0
"""Seconds. A longer Crawl-delay is a mistake or a no; it is kept to a minute."""

_TRY_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Kept:
    until: datetime
    rules: Protego | None
    error: FetchError | None = None


class Robots:
    """The rules of each host, kept for ``ttl`` seconds of the clock, at most a day (RFC 9309, section 2.4)."""

    def __init__(self, ask: Callable[[str], Awaitable[Fetched]], clock: Clock, ttl: float) -> None:
        self._ask = ask
        self._clock = clock
        self._ttl = timedelta(seconds=ttl)
        self._kept: dict[str, _Kept] = {}

    async def permitted(self, url: str) -> float:
        """Seconds of the host's ``Crawl-delay``, 0 where it states none.

        Raises `Refused` where the rules forbid the page; `Unreachable` or `Throttled` where they cannot be read now, since a
        host whose rules are unknown is not asked.
        """
        kept = await self._of(url)
        if kept.error is not None:
            raise type(kept.error)(f"robots.txt: {kept.error}", kept.error.retry_after)
        if kept.rules is None:
            return 0.0
        if not kept.rules.can_fetch(url.split("#")[0], AGENT):
            raise Refused(f"robots.txt of {urlsplit(url).netloc} forbids {urlsplit(url).path or '/'}")
        return min(float(kept.rules.crawl_delay(AGENT) or 0.0), LONGEST_DELAY)

    async def _of(self, url: str) -> _Kept:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        kept = self._kept.get(origin)
        if kept is None or self._clock.now() >= kept.until:
            kept = self._kept[origin] = await self._read(f"{origin}/robots.txt")
        return kept

    async def _read(self, url: str) -> _Kept:
        """4xx, and a file that cannot be had for reasons of its own, mean no rules (section 2.3.1.3); 5xx means not now."""
        try:
            fetched = await self._ask(url)
        except Unreachable as error:
            return self._not_now(error)
        except FetchError:
            return _Kept(self._clock.now() + self._ttl, None)
        if fetched.status == 429:
            return self._not_now(Throttled(f"the site answered {fetched.status}"))
        if fetched.status >= 500:
            return self._not_now(Unreachable(f"the site answered {fetched.status}"))
        until = self._clock.now() + self._ttl
        if fetched.status != 200:
            return _Kept(until, None)
        return _Kept(until, Protego.parse(fetched.content[:LARGEST].decode("utf-8", "replace")))

    def _not_now(self, error: FetchError) -> _Kept:
        return _Kept(self._clock.now() + _TRY_AGAIN, None, error)
