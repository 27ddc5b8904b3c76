"""Pages that merely need JavaScript, drawn by the system's Chromium: an extra, off unless ``MEDPULSE_BROWSER`` is set.

No disguise: our own user agent, no cookies, no pictures. Chromium has no network of its own: whatever a page asks for goes
through the fetcher, with its guard against private addresses, its limits and robots.txt, one request at a time. A page that is
a bot wall is handed on as it came, and its script is never run: a wall is an access control.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from scrapers.answer import Fetched, FetchError, Refused, Unreachable
from scrapers.page import Request
from scrapers.platforms.walls import wall

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Route

Ask = Callable[[Request], Awaitable[Fetched]]
"""One request by the fetcher's rules. Raises `FetchError`."""

MOST_REQUESTS = 100
"""Requests that one page may make."""

_NO_NETWORK = "http://127.0.0.1:9"
"""A proxy that is none (RFC 863's port): what does not pass by the fetcher, such as a WebSocket, goes nowhere."""

_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
_TAKEN = frozenset({"document", "script", "xhr", "fetch", "stylesheet"})
_PASSED_ON = frozenset({"accept", "accept-language", "content-type", "referer", "x-requested-with"})
_OWN = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})


class Browser:
    """Draws pages. Chromium is started by the first; each host has a context of its own. Use it as an async context manager."""

    def __init__(self, chromium: Path, user_agent: str) -> None:
        self._chromium = chromium
        self._user_agent = user_agent
        self._stack = AsyncExitStack()
        self._browser: Any = None
        self._contexts: dict[str, BrowserContext] = {}
        self._starting = asyncio.Lock()

    async def close(self) -> None:
        """End Chromium, if it was started."""
        self._contexts.clear()
        self._browser = None
        await self._stack.aclose()

    async def drawn(self, request: Request, ask: Ask, size: int) -> Fetched:
        """The page as it stands once its scripts have come to rest, of ``size`` bytes at the most with all that it asked for.

        What is no HTML, no 200, or a bot wall is handed on as it came. Raises `FetchError`.
        """
        first = await ask(request)
        if (
            first.status != 200
            or "html" not in (first.content_type or "html")
            or wall(first.content.decode("utf-8", "replace"))
        ):
            return first
        from playwright.async_api import Error  # noqa: PLC0415 (an extra)

        try:
            context = await self._context(urlsplit(first.url).netloc)
            page = await context.new_page()
            try:
                view = _View(first, ask, size)
                await page.route("**/*", view.answer)
                await page.goto(first.url, wait_until="networkidle")
                return replace(first, headers=_drawn_headers(first), content=(await page.content()).encode())
            finally:
                await page.close()
        except Error as error:
            raise Unreachable(f"Chromium could not draw the page: {error.message.splitlines()[0]}") from error

    async def _context(self, host: str) -> BrowserContext:
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                self._contexts.clear()
                self._browser = await self._started()
            if host not in self._contexts:
                self._contexts[host] = await self._browser.new_context(
                    user_agent=self._user_agent, service_workers="block", accept_downloads=False
                )
            return self._contexts[host]

    async def _started(self) -> Any:
        try:
            from playwright.async_api import async_playwright  # noqa: PLC0415 (an extra)
        except ImportError as error:
            raise Refused("the page needs JavaScript, and playwright is absent: install medpulse[browser]") from error
        playwright = await self._stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=self._chromium,
            # Chromium's own sandbox cannot be had as root; what a page may do is bounded by the fetcher all the same.
            chromium_sandbox=os.geteuid() != 0,
            proxy={"server": _NO_NETWORK, "bypass": "<-loopback>"},
            args=list(_QUIET),
        )
        self._stack.push_async_callback(browser.close)
        return browser


class _View:
    """One page that is being drawn: answers what it asks for, one after the other."""

    def __init__(self, first: Fetched, ask: Ask, size: int) -> None:
        self._first: Fetched | None = first
        self._ask = ask
        self._left = size - len(first.content)
        self._requests = 0
        self._turn = asyncio.Lock()

    async def answer(self, route: Route) -> None:
        async with self._turn:
            got = await self._got(route)
        if got is None:
            await route.abort()
        else:
            headers = {name: value for name, value in got.headers.items() if name not in _OWN}
            await route.fulfill(status=got.status, headers=headers, body=got.content)

    async def _got(self, route: Route) -> Fetched | None:
        asked = route.request
        if self._first is not None:
            first, self._first = self._first, None
            return first
        self._requests += 1
        request = _request(asked.url, asked.method, asked.headers, asked.post_data)
        if asked.resource_type not in _TAKEN or request is None or self._requests > MOST_REQUESTS or self._left <= 0:
            return None
        try:
            got = await self._ask(request)
        except FetchError:
            return None
        self._left -= len(got.content)
        return got if self._left >= 0 else None


def _can_be_drawn(first: Fetched) -> bool:
    is_html = "html" in (first.content_type or "html")
    return first.status == 200 and is_html and wall(first.content.decode("utf-8", "replace")) is None


def _request(url: str, method: str, headers: Mapping[str, str], body: str | None) -> Request | None:
    """What a page asks for, as a request of ours; None for what we do not send."""
    kept = {name: value for name, value in headers.items() if name.lower() in _PASSED_ON}
    if method == "GET":
        return Request(url, headers=kept)
    kind = kept.pop("content-type", "").partition(";")[0].strip()
    if method == "POST" and kind == "application/x-www-form-urlencoded":
        return Request(url, "POST", kept, form=dict(parse_qsl(body or "", keep_blank_values=True)))
    if method == "POST" and kind == "application/json":
        try:
            return Request(url, "POST", kept, json=orjson.loads(body or "null"))
        except orjson.JSONDecodeError:
            return None
    return None


def _drawn_headers(first: Fetched) -> dict[str, str]:
    """The headers of a page that was drawn: its text is ours now, and no validator speaks of it."""
    kept = {name: value for name, value in first.headers.items() if name not in _OWN | {"etag", "last-modified"}}
    return kept | {"content-type": "text/html; charset=utf-8"}
