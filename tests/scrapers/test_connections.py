"""Connections are kept for the next request of their host, and a host's do not depend on those of others."""

from __future__ import annotations

import httpx
import pytest
from aiohttp import web

from bench.loopback import Loopback
from scrapers.connections import Connections


class Counting(Loopback):
    """Remembers by which connections it was asked."""

    def __init__(self) -> None:
        self.connections: set[tuple[object, object]] = set()
        app = web.Application()
        app.router.add_get("/", self._answer)
        super().__init__(app)

    async def _answer(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        end = request.transport.get_extra_info
        self.connections.add((end("sockname"), end("peername")))
        return web.Response(text="here")


@pytest.mark.asyncio
@pytest.mark.parametrize("allow_private", [True, False])
async def test_each_host_keeps_its_connection(allow_private: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.guard.is_public", lambda _: True)
    site, connections = Counting(), Connections(allow_private=allow_private)
    await site.start(others=99)
    try:
        for _ in range(3):
            for url in site.urls:
                answer = await connections.handle_async_request(httpx.Request("GET", url))
                assert await answer.aread() == b"here"
                await answer.aclose()
    finally:
        await connections.aclose()
        await site.stop()
    assert len(site.connections) == len(site.urls) == 100
