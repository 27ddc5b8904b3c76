"""The board on a port, and its stream."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from redis.asyncio import Redis

from board.app import create_app
from board.asked import Room
from board.live import changes
from board.serve import LOOPBACK, PortTaken, _listen, serve
from events.clock import VirtualClock
from streams.store import Store
from tests.board.conftest import served
from tests.board.running import NOW
from tests.board.town import certificates

pytestmark = pytest.mark.asyncio


async def test_a_port_that_is_taken_is_named(redis: Redis) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken"):
            await serve(create_app(redis, VirtualClock(NOW)), LOOPBACK, port, asyncio.Event())


async def test_what_is_sent_in_two_parts_is_not_held_back() -> None:
    with _listen(LOOPBACK, 0) as listener, socket.create_connection(listener.getsockname()):
        taken, _ = listener.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_it_serves_until_it_is_told_to_stop_and_frees_the_port(filled: Redis) -> None:
    async with served(create_app(filled, VirtualClock(NOW))) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/api/summary")).json()["figures"][0]["value"] == 49
    port = int(url.rsplit(":", 1)[1])
    socket.create_server((LOOPBACK, port)).close()


async def test_a_stream_tells_of_a_change_and_ends_when_the_board_does(redis: Redis) -> None:
    store = Store(redis)
    await store.load()
    first, second, *_ = certificates()
    await store.apply([first])
    app = create_app(redis, VirtualClock(NOW), refresh_seconds=0.01)
    async with httpx.AsyncClient() as client, served(app) as url, client.stream("GET", f"{url}/api/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        before = await _next_data(lines)
        await store.apply([second])
        assert await _next_data(lines) != before
        app.state.room.stopping.set()
        assert [line async for line in lines if line.startswith("data:")] == []


async def test_nothing_is_told_when_nothing_changed(filled: Redis) -> None:
    here: Room = create_app(filled, VirtualClock(NOW), refresh_seconds=0.001).state.room
    told = changes(here)
    await anext(told)
    waiting = asyncio.ensure_future(anext(told, None))
    await filled.set("unrelated", "1")
    here.stopping.set()
    assert await waiting is None


async def _next_data(lines: AsyncIterator[str]) -> str:
    async for line in lines:
        if line.startswith("data:"):
            return line
    raise AssertionError("the stream ended")
