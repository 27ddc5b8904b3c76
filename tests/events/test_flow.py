"""Notes of how far topics were written: together, and none lost with the one who was to write it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from events.addresses import redis_client
from events.flow import ProducedNotes
from events.view import layout

pytestmark = pytest.mark.asyncio
EVENTS, HEALTH = "medpulse.events", "medpulse.source-health"


async def _noted(redis: Redis, topic: str) -> dict[int, int]:
    found: Any = await redis.zrange(layout.produced(topic), 0, -1, withscores=True)
    return {int(number): int(end) for number, end in found}


async def _writes(redis: Redis) -> int:
    asked: Any = redis
    return int((await asked.info("commandstats")).get("cmdstat_zadd", {}).get("calls", 0))


async def test_what_is_noted_while_another_note_is_written_is_written_together(redis: Redis) -> None:
    notes, before = ProducedNotes(redis), await _writes(redis)
    await asyncio.gather(*(notes.note([(HEALTH, at % 3, at)]) for at in range(30)))
    assert await _noted(redis, HEALTH) == {0: 28, 1: 29, 2: 30}
    assert await _writes(redis) - before == 2


async def test_every_note_is_written_when_its_call_returns(redis: Redis) -> None:
    notes = ProducedNotes(redis)

    async def one(at: int) -> None:
        await notes.note([(EVENTS, at, 7)])
        assert (await _noted(redis, EVENTS))[at] == 8

    await asyncio.gather(*map(one, range(12)))


async def test_one_who_is_cancelled_leaves_its_notes_to_the_others(redis: Redis, redis_url: str) -> None:
    client = redis_client(redis_url)  # redis-py's own may overlook on Python 3.11 that it was cancelled
    notes = ProducedNotes(client)
    first = asyncio.ensure_future(notes.note([(EVENTS, 0, 4)]))
    second = asyncio.ensure_future(notes.note([(EVENTS, 1, 5)]))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert (first.cancelled(), second.done()) == (True, True)
    assert await _noted(redis, EVENTS) == {0: 5, 1: 6}
    await client.aclose()
