"""The town: every pretend site behind one door, told apart by the Host header, on one clock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from events.clock import Clock, to_utc
from simulator.facts import Facts
from simulator.faults import ITEM_FAULTS, MANNERS, NONE, Fault, Manner, Misbehaviour, Quirks, mangled, quirks, refusal
from simulator.sites import sites
from simulator.web import ILLUSTRATIVE, Ask, Reply, ask

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ROBOTS = Reply(b"User-agent: *\nAllow: /\n", "text/plain; charset=utf-8")
NOT_FOUND = Reply(b"<html><head><title>404</title></head><body>404 Not Found</body></html>", status=404)
NO_SUCH_HOST = Reply(b"Misdirected Request", "text/plain; charset=utf-8", status=421)
NOT_ALLOWED = Reply(b"Method Not Allowed", "text/plain; charset=utf-8", status=405)
KEPT_PAGES = 2000
KEPT_VISITS = 2000
DRIPS = 16


@dataclass(frozen=True, slots=True)
class Served:
    """An answer ready to be sent. ``headers`` are complete; ``body`` is the whole body, also where it will be cut off."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    manner: Manner


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that came, and the status of its answer."""

    method: str
    url: str
    status: int


class Town:
    """An ASGI application. ``drip_seconds`` is the real pause between two pieces of a `Fault.SLOW` reply.

    ``visits`` keeps the latest requests, so that a test can see how polite a scraper was.
    """

    def __init__(self, facts: Facts, clock: Clock, drip_seconds: float = 0.01) -> None:
        self._clock = clock
        self._sites = {host: site for site in sites(facts) for host in site.hosts}
        self._faults: list[Misbehaviour] = []
        self._pages: dict[tuple[Ask, Quirks], tuple[datetime, Reply, str]] = {}
        self.drip_seconds = drip_seconds
        self.visits: deque[Visit] = deque(maxlen=KEPT_VISITS)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names of the town."""
        return tuple(self._sites)

    def misbehave(
        self, target: str, fault: Fault, times: int | None = None, item: str | None = None, retry_after: int = 120
    ) -> None:
        """Show ``fault`` at a host, or at every URL that begins with ``target``, ``times`` times or until `behave`.

        ``item`` is the key of the item that is edited or withdrawn, the newest of the host by default; these two faults
        are seen on the whole host. ``retry_after`` is in seconds. Raises ValueError for a host that is not of the town, a
        fault that its site does not have, and an item fault where there is no item.
        """
        target = target.removeprefix("https://").removeprefix("http://")
        site = self._sites.get(target.partition("/")[0])
        if site is None or fault not in site.faults:
            raise ValueError(f"{target} has no fault {fault} to show")
        if fault in ITEM_FAULTS and item is None and (item := site.newest(self._clock.now())) is None:
            raise ValueError(f"{target} has no item yet")
        self._faults.append(Misbehaviour(target, fault, times, item, retry_after))

    def behave(self, target: str | None = None) -> None:
        """Clear the faults of one target, or all."""
        wanted = target and target.removeprefix("https://").removeprefix("http://")
        self._faults = [one for one in self._faults if wanted and one.target != wanted]

    def serve(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Served:
        """The answer to one request. ``target`` is path and query; the names of ``headers`` are in lower case."""
        asked = ask("GET" if method == "HEAD" else method, target, headers, body)
        active = self._meet(asked)
        refused = next((no for one in active if (no := refusal(one, asked, self._clock.now()))), None)
        reply, etag = (refused, "") if refused else self._page(asked, quirks(active))
        for one in active:
            reply = mangled(reply, one.fault)
        etag = "" if any(one.fault is Fault.GB18030 for one in active) else etag
        manner = next((MANNERS[one.fault] for one in active if one.fault in MANNERS and not refused), Manner.WHOLE)
        served = _finished(reply, etag, asked, headers, manner)
        self.visits.append(Visit(method, f"https://{asked.host}{target}", served.status))
        return served

    def _meet(self, asked: Ask) -> list[Misbehaviour]:
        """The faults that meet this request, each used up by one."""
        active = [one for one in self._faults if one.applies(asked)]
        for one in active:
            if one.left is not None:
                one.left -= 1
        return active

    def _page(self, asked: Ask, wanted: Quirks) -> tuple[Reply, str]:
        """The page and its ETag, made anew only after its site has changed."""
        site = self._sites.get(asked.host)
        if site is None:
            return NO_SUCH_HOST, ""
        if asked.method not in {"GET", "POST"}:
            return NOT_ALLOWED, ""
        if asked.path == "/robots.txt":
            return ROBOTS, ROBOTS.etag
        changed = site.timeline.last(self._clock.now())
        kept = self._pages.get((asked, wanted))
        if kept is None or kept[0] != changed:
            reply = site.answer(asked, changed, wanted) or NOT_FOUND
            if len(self._pages) >= KEPT_PAGES:
                self._pages.clear()
            kept = self._pages[asked, wanted] = (changed, reply, reply.etag if reply.status == 200 else "")
        _, reply, etag = kept
        return (reply, etag) if wanted == NONE else (_undated(reply), etag)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one HTTP request over ASGI; other scopes are left alone."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        target = f"{scope['path']}?{query}" if query else scope["path"]
        served = self.serve(scope["method"], target, headers, await _body(receive))
        if served.manner is Manner.HANG:
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in served.headers]
        await send({"type": "http.response.start", "status": served.status, "headers": encoded})
        async for piece in pieces(served, self.drip_seconds):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if served.manner is not Manner.CUT:
            await send({"type": "http.response.body", "body": b""})


async def pieces(served: Served, drip_seconds: float) -> AsyncIterator[bytes]:
    """The body in the pieces in which it is sent: whole, drop by drop, or only its first half."""
    match served.manner:
        case Manner.CUT:
            yield served.body[: len(served.body) // 2]
        case Manner.DRIP:
            size = len(served.body) // DRIPS + 1
            for start in range(0, len(served.body), size):
                await asyncio.sleep(drip_seconds)
                yield served.body[start : start + size]
        case _:
            yield served.body


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _undated(reply: Reply) -> Reply:
    """A page with a quirk has changed without its site's time: it is told by its ETag alone."""
    return Reply(reply.body, reply.content_type, reply.status, reply.headers, None, reply.illustrative)


def _finished(reply: Reply, etag: str, asked: Ask, headers: Mapping[str, str], manner: Manner) -> Served:
    """The reply with its headers; 304 without a body where the client has this page (GET only)."""
    out = [("content-type", reply.content_type), *reply.headers]
    if reply.illustrative:
        out.append((ILLUSTRATIVE.lower(), reply.illustrative))
    if etag and asked.method == "GET":
        out.append(("etag", etag))
        if reply.modified:
            out.append(("last-modified", format_datetime(to_utc(reply.modified), usegmt=True)))
        if _fresh(reply, etag, headers):
            return Served(304, tuple(out), b"", Manner.WHOLE if manner is Manner.CUT else manner)
    out.append(("content-length", str(len(reply.body))))
    return Served(reply.status, tuple(out), reply.body, manner)


def _fresh(reply: Reply, etag: str, headers: Mapping[str, str]) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides where it is given, If-Modified-Since otherwise."""
    if (known := headers.get("if-none-match")) is not None:
        return etag in {tag.strip().removeprefix("W/") for tag in known.split(",")}
    since = headers.get("if-modified-since")
    if since is None or reply.modified is None:
        return False
    try:
        return reply.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
