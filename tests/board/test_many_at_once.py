"""More readers at once than there are connections to Redis: everybody is answered."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from redis.asyncio import Redis

from board.app import create_app
from events.addresses import redis_client
from events.clock import VirtualClock
from tests.board.running import NOW


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/api/metrics/class3_certificates", "/api/sources", "/"])
async def test_a_burst_of_readers_at_once_is_answered(path: str, filled: Redis, redis_url: str) -> None:
    redis = redis_client(redis_url)
    app = create_app(redis, VirtualClock(NOW), burst=150)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://board", timeout=60) as client,
    ):
        answers = await asyncio.gather(*(client.get(path) for _ in range(150)))
    await redis.aclose()
    assert {answer.status_code for answer in answers} == {200}
