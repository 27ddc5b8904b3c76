"""Connections are kept, and are not used where they cannot be. What a server does wrong: `test_fetch`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from events.clock import VirtualClock
from scrapers import http11
from scrapers.answer import Fetched
from scrapers.fetch import Fetcher
from scrapers.page import Request
from tests.scrapers.rig import FAST

WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 9\r\n\r\nover ther"


class Site:
    """Answers ``/NAME`` with the bytes of that name, on connections that it counts, and closes after ``last`` answers."""

    def __init__(self, last: int = 9, **answers: bytes) -> None:
        self.url = ""
        self.connections = 0
        self.bodies: list[bytes] = []
        self.under_way: set[asyncio.Task[None]] = set()
        self._last = last
        self._answers = answers

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.under_way.add(asyncio.create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(self._last):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
            self.bodies.append(await reader.readexactly(int(length or 0)))
            writer.write(self._answers[head.split()[1].decode().strip("/")])
            await writer.drain()
        writer.close()


@asynccontextmanager
async def opened(site: Site) -> AsyncIterator[Site]:
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield site
        await asyncio.gather(*site.under_way)


async def _both(clock: VirtualClock, site: Site, *paths: str) -> list[Fetched]:
    async with Fetcher(FAST, clock) as fetcher:
        return [await fetcher.get(Request(site.url + path)) for path in paths]


@pytest.mark.asyncio
async def test_requests_to_a_host_share_a_connection(clock: VirtualClock) -> None:
    async with opened(Site(whole=WHOLE, chunked=CHUNKED)) as site:
        found = await _both(clock, site, "/whole", "/chunked", "/whole")
    assert [(one.status, one.content) for one in found] == [(200, b"hi")] * 3
    assert site.connections == 1


@pytest.mark.asyncio
async def test_what_the_server_closed_or_was_idle_for_too_long_is_not_used_again(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(Site(last=1, whole=WHOLE)) as site, Fetcher(FAST, clock) as fetcher:
        for _ in range(2):
            assert (await fetcher.get(Request(f"{site.url}/whole"))).content == b"hi"
            await asyncio.sleep(0.05)  # what the server closes arrives
    assert site.connections == 2
    monkeypatch.setattr(http11, "KEPT", -1.0)
    async with opened(Site(whole=WHOLE)) as site:
        await _both(clock, site, "/whole", "/whole")
    assert site.connections == 2


@pytest.mark.asyncio
async def test_an_answer_that_was_not_read_costs_its_connection(clock: VirtualClock) -> None:
    async with opened(Site(moved=MOVED, there=WHOLE)) as site:
        (found,) = await _both(clock, site, "/moved")
    assert (found.url, found.content, site.connections) == (f"{site.url}/there", b"hi", 2)


@pytest.mark.asyncio
async def test_a_form_goes_whole_and_a_header_that_is_none_is_not_sent(clock: VirtualClock) -> None:
    async with opened(Site(whole=WHOLE)) as site, Fetcher(FAST, clock) as fetcher:
        await fetcher.get(Request(f"{site.url}/whole", "POST", form={"keyword": "注册证"}))
        with pytest.raises(Exception, match="Illegal header value"):
            await fetcher.get(Request(f"{site.url}/whole", headers={"If-None-Match": "a\nb"}))
    assert site.bodies == [b"keyword=%E6%B3%A8%E5%86%8C%E8%AF%81"]
