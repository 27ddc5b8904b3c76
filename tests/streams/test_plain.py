"""Every metric of the table, read from a real Valkey, against the plain recomputation from the events."""

from __future__ import annotations

import asyncio
import random
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from events.event import EventBase
from events.view.catalog import CATALOG
from events.view.reader import View
from events.view.series import WINDOWS
from medpulse.verify import plain
from medpulse.verify.compare import differences
from streams.store import Store
from tests.streams.sector import AS_OF, LATEST, sector_histories


def test_every_metric_is_recomputed() -> None:
    assert plain.PLAIN.keys() == CATALOG.keys()


def test_any_order_repetition_revision_retraction_and_split_gives_what_the_events_say(redis_url: str) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(sector_histories, st.randoms(use_true_random=False), AS_OF | st.just(LATEST), st.sampled_from(WINDOWS))
    def check(history: list[EventBase], chance: random.Random, as_of: date, window: str) -> None:
        asyncio.run(_compare(redis_url, history, chance, as_of, window))

    check()


async def _compare(url: str, history: list[EventBase], chance: random.Random, as_of: date, window: str) -> None:
    redis: Redis = Redis.from_url(url)
    try:
        await redis.flushall()
        await _scrambled([Store(redis), Store(redis), Store(redis)], history, chance)
        assert await differences(View(redis), history, as_of, [window]) == []
    finally:
        await redis.aclose()


async def _scrambled(partitions: list[Store], history: list[EventBase], chance: random.Random) -> None:
    """The events of one id stay on one partition, as on Kafka; partitions come in any order, and some of it twice."""
    await partitions[0].load()
    stream = history + chance.sample(history, len(history) // 2)
    chance.shuffle(stream)
    while stream:
        size = chance.randint(1, 6)
        await chance.choice(partitions).apply(stream[:size])
        stream = stream[size:]
