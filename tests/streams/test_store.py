"""The Redis Function on a real Valkey: idempotent, reversible, blind to the order of arrival."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import date
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from events.event import EventBase, IpoStage
from events.view import layout
from events.view.catalog import METRICS
from events.view.reader import View
from events.view.series import read, window
from streams.store import Store
from tests.streams.make import approval, histories, ipo, listing, price
from tests.streams.plain import Series, recomputed, stored

TODAY = date(2022, 9, 1)


async def _fresh(redis: Redis) -> Store:
    await redis.flushall()
    store = Store(redis)
    await store.load()
    return store


@pytest.mark.asyncio
async def test_a_redelivery_changes_nothing(redis: Redis) -> None:
    store = await _fresh(redis)
    assert await store.apply([approval(), approval()]) == [True, False]
    before = await stored(redis)
    assert await store.apply([approval()]) == [False]
    assert await stored(redis) == before
    assert await View(redis).value("class3_certificates", TODAY) == 1


@pytest.mark.asyncio
async def test_a_correction_is_a_difference_and_a_retraction_a_subtraction(redis: Redis) -> None:
    store, view = await _fresh(redis), View(redis)
    await store.apply([listing("shanghai", 28)])
    await store.apply([listing("shanghai", 30, revision=2, day=3)])
    assert await view.value("reimbursement_items", TODAY) == 30
    assert await view.value("reimbursement_items", date(2022, 1, 2)) == 0
    gone = listing("shanghai", 30, revision=3).model_copy(update={"retracted": True})
    await store.apply([gone])
    assert await stored(redis) == {}
    assert await view.events() == []


@pytest.mark.asyncio
async def test_an_old_revision_that_arrives_late_is_ignored_even_after_a_retraction(redis: Redis) -> None:
    store = await _fresh(redis)
    gone = price("beijing", revision=2).model_copy(update={"retracted": True})
    assert await store.apply([gone, price("beijing")]) == [True, False]
    assert await stored(redis) == {}


@pytest.mark.asyncio
async def test_a_redis_that_came_back_empty_is_given_its_function_again(redis: Redis) -> None:
    store = await _fresh(redis)
    await redis.function_flush()
    assert await store.apply([price("beijing")]) == [True]
    await redis.function_flush()
    await store.told(await store.untold())
    assert await store.untold() == []


@pytest.mark.asyncio
@pytest.mark.parametrize("places", [*combinations(range(7), 3)], ids=str)
async def test_the_last_value_on_the_topic_is_the_true_one_however_two_workers_take_turns(
    redis: Redis, places: tuple[int, ...]
) -> None:
    """One reads, publishes and tells; another applies an event, reads, publishes and tells: in each order that there is."""
    store, topic = await _fresh(redis), list[int]()
    await store.apply([price("beijing")])

    async def steps(*events: EventBase) -> AsyncIterator[None]:
        if events:
            await store.apply(events)
            yield
        again = True
        while again:
            series = await store.untold()
            yield
            topic.extend(one.value for one in series if one.value != one.previous and one.metric == "pricing_provinces")
            yield
            again = await store.told(series) > 0
            yield

    one, other = steps(), steps(price("hunan"))
    for turn in range(7):
        await anext(one if turn in places else other, None)
    for rest in (one, other):
        async for _ in rest:
            pass
    assert topic[-1] == 2
    assert await store.untold() == []


@pytest.mark.asyncio
async def test_sums_beyond_the_53_bits_of_a_lua_number_stay_exact(redis: Redis) -> None:
    store = await _fresh(redis)
    # Beyond what the model takes, so that one event is enough to reach where a Lua number would round.
    await store.apply([listing("shanghai", 1).model_copy(update={"items": 2**60 + 1}), listing("beijing", 2)])
    assert await View(redis).value("reimbursement_items", TODAY) == 2**60 + 3


@pytest.mark.asyncio
async def test_the_stage_of_a_project_is_the_last_one_reached_on_the_day_asked(redis: Redis) -> None:
    store, view = await _fresh(redis), View(redis)
    await store.apply(
        [ipo("1", IpoStage.INQUIRY, day=40), ipo("1", IpoStage.ACCEPTED, day=0), ipo("2", IpoStage.ACCEPTED)]
    )
    assert await view.table("ipo_projects", "stage", date(2022, 1, 15)) == {"accepted": 2}
    assert await view.table("ipo_projects", "stage", TODAY) == {"accepted": 1, "inquiry": 1}
    assert await view.value("ipo_projects", TODAY, {"stage": "inquiry", "exchange": "SSE"}) == 1


@pytest.mark.asyncio
async def test_what_was_not_told_stays_untold_until_it_is_told_at_its_last_value(redis: Redis) -> None:
    store = await _fresh(redis)
    await store.apply([price("beijing")])
    read = await store.untold()
    await store.apply([price("hebei")])
    await store.told(read)
    again = {one.name: one for one in await store.untold()}
    assert (again["pricing_provinces:"].value, again["pricing_provinces:"].previous) == (2, 1)
    await store.told(list(again.values()))
    assert await store.untold() == []


@pytest.mark.parametrize("workers", [1, 3])
def test_any_order_repetition_and_split_gives_what_a_plain_recomputation_gives(redis_url: str, workers: int) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(histories(), st.randoms(use_true_random=False))
    def check(history: list[EventBase], chance: random.Random) -> None:
        asyncio.run(_scrambled(redis_url, history, chance, workers))

    check()


async def _totals(redis: Redis) -> dict[str, int]:
    found = await redis.hgetall(layout.totals(layout.FIRST))
    return {layout.text(name): int(value) for name, value in found.items() if int(value)}


def _values(series: Series) -> dict[str, int]:
    """What each series adds up to, read field by field."""
    forever = window("cumulative", date.max)
    read_all = {name: read(METRICS[name.split(":")[0]].measure, fields, forever) for name, fields in series.items()}
    return {name: value for name, value in read_all.items() if value}


async def _scrambled(redis_url: str, history: list[EventBase], chance: random.Random, workers: int) -> None:
    redis: Redis = Redis.from_url(redis_url)
    try:
        stores = [await _fresh(redis) for _ in range(workers)]
        stream = history + chance.sample(history, len(history) // 2)
        chance.shuffle(stream)
        while stream:
            size = chance.randint(1, 6)
            await chance.choice(stores).apply(stream[:size])
            stream = stream[size:]
        assert await stored(redis) == recomputed(history)
        assert await _totals(redis) == _values(recomputed(history))
    finally:
        await redis.aclose()
