"""The worker on Apache Kafka and redis-server: killed, repeated, reversed, its Redis emptied, and the numbers are right."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.clock import SystemClock, shanghai_day
from events.kafka import create_topics
from events.view import layout
from medpulse.verify.compare import differences, read_events
from medpulse.verify.once import Once
from streams.rebuild.heal import whole
from tests.streams.demo_events import demo_events
from tests.streams.fire import Worker, through_fire
from tests.streams.plain import recomputed, stored
from tests.streams.test_kill import history

pytestmark = pytest.mark.integration


@pytest.mark.asyncio
@pytest.mark.timeout(1200)
async def test_twice_reversed_and_across_a_kill_every_metric_is_what_a_plain_recomputation_gives(
    kafka_bootstrap: str, real_redis_url: str, tmp_path: Path
) -> None:
    await create_topics(kafka_bootstrap)
    redis: Redis = Redis.from_url(real_redis_url)
    try:
        await redis.flushall()
        # The group has committed in an earlier test: without an epoch the worker would make what that one told whole first.
        await redis.set(layout.EPOCH, layout.THIS_EPOCH)
        events = [*await demo_events(tmp_path / "archive"), *history()]
        await through_fire(kafka_bootstrap, redis, real_redis_url, events, tmp_path, idempotent=True)
        assert await stored(redis) == recomputed(events)
        await _emptied(kafka_bootstrap, redis, real_redis_url, tmp_path)
    finally:
        await redis.aclose()


async def _emptied(bootstrap: str, redis: Redis, redis_url: str, folder: Path) -> None:
    """Redis loses everything: the next worker makes it whole, and what it says is what the topic says."""
    await redis.flushall()
    with Worker(bootstrap, redis_url, folder, idempotent=True) as worker:
        await worker.until("the emptied Redis is whole again", lambda: whole(redis))
        told = await read_events(bootstrap)
        assert told.events
        as_of = shanghai_day(SystemClock().now())
        assert await differences(Once(redis), told.events, as_of, ["cumulative", "30d"]) == []
