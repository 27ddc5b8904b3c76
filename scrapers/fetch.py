"""One request to one site, and its answer whole: redirects followed, packing undone, within bounds of time and size."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import urljoin, urlsplit

from events.clock import Clock
from scrapers.answer import Broken, Fetched, Refused, Unreachable, Validators
from scrapers.browser import Browser
from scrapers.exchange import Exchange, Response, Transport
from scrapers.guard import Forbidden, check_url
from scrapers.inflate import ACCEPTED, BadEncoding, Inflater, OverLimit
from scrapers.page import Request

AGENT = "medpulse"
"""The product token: how robots.txt files name us (RFC 9309, section 2.2.1)."""

ILLUSTRATIVE = "medpulse-illustrative"
"""Header of the simulator: ``*`` or the item keys, comma-separated, of rows that only complete a published total."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
Permit = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How a site is asked. Times are seconds of real time, ``size`` is bytes, on the wire and unpacked.

    ``contact`` is a URL or an address by which a site reaches whoever polls it. ``total`` bounds one request with all its
    redirects, so that a server that sends a byte now and then cannot hold a poll. ``spool_size`` and ``spool_total`` take the
    place of ``size`` and ``total`` for an answer that goes to a file. ``browser`` is the Chromium that draws pages.
    """

    contact: str = ""
    connect: float = 10.0
    read: float = 20.0
    total: float = 60.0
    size: int = 64 * 1024 * 1024
    spool_size: int = 8 * 1024**3
    spool_total: float = 3600.0
    redirects: int = 5
    allow_private: bool = False
    tls_exceptions: frozenset[str] = frozenset()
    browser: Path | None = None

    @property
    def user_agent(self) -> str:
        """``medpulse/0.1.0 (+contact)``."""
        return f"{AGENT}/{version('medpulse')}" + (f" (+{self.contact})" if self.contact else "")


class Fetcher:
    """Asks sites. Keeps connections and no cookies; verifies certificates; use it as an async context manager.

    ``transport`` takes the place of the network (the simulator); with ``simulated`` the header `ILLUSTRATIVE` is believed.
    """

    def __init__(
        self,
        settings: FetchSettings,
        clock: Clock,
        *,
        transport: Transport | None = None,
        simulated: bool = False,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._simulated = simulated
        self._browser = Browser(settings.browser, settings.user_agent) if settings.browser else None
        self._exchange = Exchange(
            {"User-Agent": settings.user_agent, "Accept-Encoding": ACCEPTED},
            {"connect": settings.connect, "read": settings.read, "write": settings.read, "pool": settings.total},
            transport=transport,
            allow_private=settings.allow_private,
            other_names=sorted(settings.tls_exceptions),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._browser is not None:
            await self._browser.close()
        await self._exchange.aclose()

    async def get(
        self,
        request: Request,
        conditional: Validators | None = None,
        permit: Permit | None = None,
        into: IO[bytes] | None = None,
    ) -> Fetched:
        """The answer to a request, redirects followed. ``permit`` is asked before each redirect and may raise.

        With ``into`` the body of a 200 goes to that file, piece by piece, and ``content`` is empty.
        Raises `FetchError`; a status such as 404 is an answer and not an error.
        """
        headers = dict(request.headers) | (conditional.headers if conditional else {})
        asked = replace(request, headers=headers)
        total = self.settings.spool_total if into else self.settings.total
        try:
            async with asyncio.timeout(total):
                if request.drawn:
                    return await self._drawn(asked, permit)
                return await self._follow(asked, bool(conditional and conditional.headers), permit, into)
        except TimeoutError as error:
            raise Unreachable(f"the answer was not whole after {total:g} s") from error
        except Forbidden as error:
            raise Refused(str(error)) from error
        except (BadEncoding, OverLimit) as error:
            raise Broken(str(error)) from error

    async def _drawn(self, request: Request, permit: Permit | None) -> Fetched:
        """The page as Chromium draws it; whatever that asks for is asked for here. Raises what `_follow` raises."""
        if self._browser is None:
            raise Refused("the page needs JavaScript: set MEDPULSE_BROWSER to the path of the system's Chromium")

        async def ask(one: Request) -> Fetched:
            if one is request:
                return await self._follow(one, False, permit, None)
            try:
                if permit:
                    await permit(one.url)
                return await self._follow(one, False, permit, None)
            except (Forbidden, BadEncoding, OverLimit) as error:
                raise Refused(str(error)) from error

        return await self._browser.drawn(request, ask, self.settings.size)

    async def _follow(
        self, request: Request, conditional: bool, permit: Permit | None, into: IO[bytes] | None
    ) -> Fetched:
        for _ in range(self.settings.redirects + 1):
            check_url(request.url, allow_private=self.settings.allow_private)
            async with self._exchange.sent(request) as response:
                where = response.headers.get("location") if response.status_code in _REDIRECTS else None
                if where is None:
                    return await self._read(request.url, response, conditional, into)
            request = _redirected(request, response.status_code, where)
            check_url(request.url, allow_private=self.settings.allow_private)
            if permit:
                await permit(request.url)
        raise Refused(f"redirected more than {self.settings.redirects} times, last to {request.url}")

    async def _read(self, url: str, response: Response, conditional: bool, into: IO[bytes] | None) -> Fetched:
        spooled = into if response.status_code == 200 else None
        limit = self.settings.spool_size if spooled else self.settings.size
        headers = {name.lower(): value for name, value in response.headers.items()}
        inflater = Inflater(headers.get("content-encoding", ""), limit)
        body, wire = bytearray(), 0
        async for chunk in response.aiter_raw():
            wire += len(chunk)
            if wire > limit:
                raise OverLimit(f"the body is larger than {limit} bytes")
            for piece in inflater.feed(chunk):
                if spooled:
                    await asyncio.to_thread(spooled.write, piece)
                else:
                    body += piece
        inflater.finish()
        marks = headers.get(ILLUSTRATIVE, "") if self._simulated else ""
        return Fetched(
            url=url,
            status=response.status_code,
            headers=headers,
            content=bytes(body),
            fetched_at=self._clock.now(),
            not_modified=conditional and response.status_code == 304,
            illustrative=frozenset(filter(None, (mark.strip() for mark in marks.split(",")))),
        )


def _redirected(request: Request, status: int, where: str) -> Request:
    """The request that a redirect asks for (RFC 9110, sections 10.2.2 and 15.4): a fragment is kept, a form is not.

    Raises `Broken` where it names no URL.
    """
    try:
        target = urljoin(request.url, where)
        _ = urlsplit(target).port
    except ValueError as error:
        raise Broken(f"redirected to {where!r}, which is no URL: {error}") from error
    fragment = urlsplit(request.url).fragment
    if fragment and not urlsplit(target).fragment:
        target = f"{target}#{fragment}"
    if status in {307, 308}:
        return replace(request, url=target)
    return Request(target, headers=request.headers)
