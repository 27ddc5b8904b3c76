"""More readers at once than there are connections to Redis: everybody is answered."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from events.addresses import redis_client
from tests.board.conftest import client_of


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/api/metrics/class3_certificates", "/api/sources", "/"])
async def test_a_burst_of_readers_at_once_is_answered(path: str, filled: Redis, redis_url: str) -> None:
    redis = redis_client(redis_url)
    async with client_of(redis) as client:
        answers = await asyncio.gather(*(client.get(path) for _ in range(150)))
    await redis.aclose()
    assert {answer.status_code for answer in answers} == {200}
