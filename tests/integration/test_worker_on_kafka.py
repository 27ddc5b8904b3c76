"""The worker on Apache Kafka and redis-server: killed, repeated, reversed, and the numbers are still right."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.kafka import create_topics
from tests.streams.demo_events import demo_events
from tests.streams.fire import through_fire
from tests.streams.plain import recomputed, stored
from tests.streams.test_kill import history

pytestmark = pytest.mark.integration


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_twice_reversed_and_across_a_kill_every_metric_is_what_a_plain_recomputation_gives(
    kafka_bootstrap: str, real_redis_url: str, tmp_path: Path
) -> None:
    await create_topics(kafka_bootstrap)
    redis: Redis = Redis.from_url(real_redis_url)
    try:
        await redis.flushall()
        events = [*await demo_events(tmp_path / "archive"), *history()]
        await through_fire(kafka_bootstrap, redis, real_redis_url, events, tmp_path, idempotent=True)
        assert await stored(redis) == recomputed(events)
    finally:
        await redis.aclose()
