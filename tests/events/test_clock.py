"""Clocks: virtual time passes in order and exactly, and a civil day in Shanghai is what a bucket means."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.clock import SHANGHAI, SystemClock, VirtualClock, shanghai_day, to_utc

START = datetime(2022, 3, 7, tzinfo=UTC)


async def sleeper(clock: VirtualClock, waits: list[float], seen: list[float]) -> None:
    for wait in waits:
        await clock.sleep(wait)
        seen.append((clock.now() - START).total_seconds())


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_sleepers_wake_in_the_order_of_their_time_at_exactly_that_time() -> None:
    clock, seen = VirtualClock(START), list[float]()
    tasks = [asyncio.create_task(sleeper(clock, [wait], seen)) for wait in (30, 10, 20)]
    await settled()
    await clock.advance_to(START + timedelta(seconds=25))
    assert seen == [10, 20]
    assert clock.now() == START + timedelta(seconds=25)
    await clock.advance_to(START + timedelta(seconds=30))
    assert seen == [10, 20, 30]
    await asyncio.gather(*tasks)


@pytest.mark.asyncio
async def test_a_sleeper_that_sleeps_again_is_woken_again_within_one_advance() -> None:
    clock, seen = VirtualClock(START), list[float]()
    task = asyncio.create_task(sleeper(clock, [10] * 6, seen))
    other = asyncio.create_task(sleeper(clock, [25, 25], seen))
    await settled()
    await clock.advance_to(START + timedelta(minutes=1))
    assert seen == [10, 20, 25, 30, 40, 50, 50, 60]
    await asyncio.gather(task, other)


@pytest.mark.asyncio
async def test_sleepers_of_one_instant_wake_in_the_order_they_lay_down() -> None:
    clock, woken = VirtualClock(START), list[int]()

    async def one(number: int) -> None:
        await clock.sleep(5)
        woken.append(number)

    tasks = [asyncio.create_task(one(number)) for number in range(10)]
    await settled()
    await clock.advance_to(START + timedelta(seconds=5))
    assert woken == list(range(10))
    await asyncio.gather(*tasks)


@pytest.mark.asyncio
async def test_nobody_wakes_before_time() -> None:
    clock, seen = VirtualClock(START), list[float]()
    task = asyncio.create_task(sleeper(clock, [10], seen))
    await settled()
    await clock.advance_to(START + timedelta(seconds=9.999))
    assert (seen, clock.next_wake()) == ([], START + timedelta(seconds=10))
    await clock.advance_to(START + timedelta(seconds=10))
    await task
    assert (seen, clock.next_wake()) == ([10], None)


@pytest.mark.asyncio
async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock, seen = VirtualClock(START), list[float]()
    task = asyncio.create_task(sleeper(clock, [10], seen))
    await settled()
    task.cancel()
    await settled()
    assert clock.next_wake() is None
    await clock.advance_to(START + timedelta(seconds=20))
    assert task.cancelled()
    assert seen == []


@pytest.mark.asyncio
async def test_time_never_goes_back() -> None:
    clock = VirtualClock(START)
    await clock.advance_to(START - timedelta(days=1))
    assert clock.now() == START


@pytest.mark.asyncio
@pytest.mark.parametrize("seconds", [0, -1])
async def test_sleeping_for_nothing_needs_nobody_to_move_the_clock(seconds: float) -> None:
    clock = VirtualClock(START)
    await asyncio.wait_for(clock.sleep(seconds), 5)
    assert clock.now() == START


@pytest.mark.asyncio
async def test_the_system_clock_is_aware_and_sleeps() -> None:
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(-1)
    assert before.tzinfo is UTC
    assert clock.now() >= before


def test_a_naive_time_is_refused() -> None:
    naive = datetime(2022, 3, 7)  # noqa: DTZ001 - what is refused
    for use in (to_utc, shanghai_day, VirtualClock):
        with pytest.raises(ValueError, match="naive"):
            use(naive)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2022, 3, 6, 15, 59, 59, 999_999, tzinfo=UTC), date(2022, 3, 6)),
        (datetime(2022, 3, 6, 16, tzinfo=UTC), date(2022, 3, 7)),
        (datetime(2021, 12, 31, 16, tzinfo=UTC), date(2022, 1, 1)),
        (datetime(2022, 3, 7, 0, tzinfo=SHANGHAI), date(2022, 3, 7)),
        (datetime(2022, 3, 7, 23, 59, 59, tzinfo=SHANGHAI), date(2022, 3, 7)),
        (datetime(2022, 7, 29, 12, tzinfo=timezone(-timedelta(hours=4))), date(2022, 7, 30)),
        (datetime(1990, 7, 1, 15, 30, tzinfo=UTC), date(1990, 7, 2)),
    ],
    ids=[
        "last instant",
        "midnight",
        "new year",
        "own midnight",
        "own last second",
        "Washington",
        "summer time of 1990",
    ],
)
def test_the_day_changes_at_midnight_in_shanghai(instant: datetime, day: date) -> None:
    assert shanghai_day(instant) == day


@given(st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - the zone is added
def test_the_day_is_that_of_eight_hours_later(moment: datetime) -> None:
    assert shanghai_day(moment.replace(tzinfo=UTC)) == (moment + timedelta(hours=8)).date()
