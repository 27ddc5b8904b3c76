"""The watchdog: no progress with lag ends the worker; quiet, progress and an absent Redis do not. And the brake."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiokafka.errors import KafkaConnectionError
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.flow import note_processed, note_produced
from events.view import layout
from streams.brake import Brake, Limits
from streams.watchdog import LOOK_SECONDS, Partition, Positions, Watch, look_on, positions, stacks

EVENTS = "medpulse.events"
ONE: Partition = (EVENTS, 0)
_SECOND = timedelta(seconds=1)


def test_lag_without_progress_is_stuck_once_patience_has_run_out() -> None:
    watch = Watch(60)
    assert watch.stuck({ONE: (5, 9)}, 0) == {}
    assert watch.stuck({ONE: (5, 12)}, 59) == {}
    assert watch.stuck({ONE: (5, 12)}, 60) == {ONE: 7}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_whoever_moves_or_has_nothing_to_do_is_never_stuck(steps: list[tuple[int, int]]) -> None:
    watch, done, end = Watch(2), 0, 0
    for now, (moved, written) in enumerate(steps):
        end += written
        done = min(end, done + max(1, moved))
        assert watch.stuck({ONE: (done, end)}, now) == {}


def test_a_partition_that_went_to_another_worker_is_judged_afresh_when_it_comes_back() -> None:
    watch = Watch(10)
    watch.stuck({ONE: (1, 5)}, 0)
    watch.stuck({}, 9)
    assert watch.stuck({ONE: (1, 5)}, 11) == {}


@pytest.mark.asyncio
async def test_positions_are_those_of_the_assigned_partitions(redis: Redis) -> None:
    await note_produced(redis, [(EVENTS, 0, 9), (EVENTS, 1, 4), ("medpulse.notices", 0, 7)])
    await note_processed(redis, layout.STREAMS, [(EVENTS, 0, 5)])
    assert await positions(redis, layout.STREAMS, {ONE, (EVENTS, 1)}) == {ONE: (6, 10), (EVENTS, 1): (0, 5)}


@pytest.mark.asyncio
async def test_it_ends_the_worker_that_hangs_and_shows_where(clock: VirtualClock) -> None:
    ended: list[dict[Partition, int]] = []
    where: list[str] = []
    over = asyncio.Event()

    def end(stuck: dict[Partition, int]) -> None:
        ended.append(stuck)
        where.extend(stacks())
        over.set()

    async def hanging() -> None:
        await over.wait()

    hung = asyncio.create_task(hanging())
    task = asyncio.create_task(look_on(Watch(0), _always({ONE: (1, 3)}), clock, end))
    while not over.is_set():
        await clock.advance_to(clock.now() + LOOK_SECONDS * _SECOND)
    task.cancel()
    await hung
    assert ended[0] == {ONE: 2}
    assert any("in hanging" in stack for stack in where)


@pytest.mark.asyncio
async def test_while_redis_or_the_broker_is_away_nothing_is_judged(clock: VirtualClock) -> None:
    looks = 0

    async def away() -> Positions:
        nonlocal looks
        looks += 1
        if looks % 2:
            return {ONE: (1, 3)}
        raise KafkaConnectionError("the broker is away") if looks % 4 else ConnectionError("Redis is away")

    ended: list[object] = []
    task = asyncio.create_task(look_on(Watch(0.0001), away, clock, ended.append))
    for _ in range(6):
        await clock.advance_to(clock.now() + LOOK_SECONDS * _SECOND)
    task.cancel()
    assert looks >= 5
    assert ended == []


def test_a_bad_message_now_and_then_does_not_brake() -> None:
    stopped: list[str] = []
    brake = _brake(stopped, Limits(in_a_row=5, window=20, per_cent=50))
    for _ in range(100):
        brake.failed("enrich")
        brake.went_well("enrich")
        brake.went_well("enrich")
    assert stopped == []


def test_every_message_bad_stops_the_worker_and_other_stages_do_not_count() -> None:
    stopped: list[str] = []
    brake = _brake(stopped, Limits(in_a_row=5, window=20, per_cent=50))
    for _ in range(4):
        brake.failed("enrich")
        brake.went_well("dedupe")
    assert stopped == []
    brake.failed("enrich")
    assert stopped == ["enrich: 5 dead letters in a row"]


def test_a_share_of_bad_messages_stops_the_worker() -> None:
    stopped: list[str] = []
    brake = _brake(stopped, Limits(in_a_row=5, window=20, per_cent=50))
    for _ in range(10):
        brake.went_well("enrich")
        brake.failed("enrich")
    assert stopped == ["enrich: 10 of the last 20 messages became dead letters"]


def _brake(stopped: list[str], limits: Limits) -> Brake:
    return Brake(limits, lambda stage, why: stopped.append(f"{stage}: {why}"))


def _always(known: Positions) -> Callable[[], asyncio.Future[Positions]]:
    def read() -> asyncio.Future[Positions]:
        found: asyncio.Future[Positions] = asyncio.get_running_loop().create_future()
        found.set_result(known)
        return found

    return read
