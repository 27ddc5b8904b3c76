"""The demo's events twice, in reverse order and across a ``kill -9`` of the worker: every metric stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.event import EventBase, IpoStage
from events.kafka import create_topics
from medpulse.embedded.servers import tansu
from tests.streams.demo_events import demo_events
from tests.streams.fire import through_fire
from tests.streams.make import approval, ipo, listing, price
from tests.streams.plain import recomputed, stored

pytestmark = pytest.mark.kafka
PROVINCES = ("beijing", "hebei", "shandong", "zhejiang", "jiangsu")


def history() -> list[EventBase]:
    """Some thousand more events, with corrections and retractions among them, so that a kill finds work in hand."""
    approvals = [approval(f"国械注准2022321{n:04d}", day=n % 300) for n in range(3000)]
    corrected = [a.model_copy(update={"revision": 2, "device_class": 2}) for a in approvals[:50]]
    retracted = [a.model_copy(update={"revision": 2, "retracted": True}) for a in approvals[50:80]]
    prices = [price(province, day=n) for n, province in enumerate(PROVINCES)]
    stages = [ipo(str(n), stage, day=n) for n in range(20) for stage in (IpoStage.ACCEPTED, IpoStage.INQUIRY)]
    return [*approvals, *prices, *corrected, *stages, *retracted, listing("shanghai", 28)]


@pytest.mark.asyncio
@pytest.mark.timeout(900)
async def test_twice_reversed_and_across_a_kill_every_metric_is_what_a_plain_recomputation_gives(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    events = [*await demo_events(tmp_path / "archive"), *history()]
    # A broker of this test's own: the session's holds the events of other tests, which the worker would count as well.
    async with tansu(tmp_path / "tansu.log") as (_, bootstrap):
        await create_topics(bootstrap)
        await through_fire(bootstrap, redis, redis_url, events, tmp_path, idempotent=False)
    assert await stored(redis) == recomputed(events)
