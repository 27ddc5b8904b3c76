"""Messages of a newer version, a store that is full, messages too large, pieces: each has a behaviour that is meant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import orjson
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.consumed import Consumed
from events.kafka import Publisher
from events.messages import DeadLetter
from events.topics import DEAD_LETTERS, EVENTS, MAX_MESSAGE_BYTES, NOTICES
from events.view.reader import View
from events.wire import Record, decode, encode
from streams.agents.aggregate import Aggregate
from streams.sinks import Sinks
from streams.transport import pieces
from tests.kafka_read import read_all
from tests.streams.make import approval, price
from tests.streams.sinks import sinks_on

LATER = date(2030, 1, 1)


@pytest_asyncio.fixture
async def sinks(redis: Redis, bootstrap: str, clock: VirtualClock) -> AsyncIterator[Sinks]:
    async with sinks_on(redis, Publisher(bootstrap, idempotent=False, redis=redis), clock) as made:
        yield made


def consumed(value: bytes, offset: int = 0) -> Consumed:
    return Consumed(EVENTS.name, 0, offset, b"key", value)


def newer(event: Any, **more: object) -> bytes:
    """An event as a newer version would write it."""
    return orjson.dumps(orjson.loads(encode(event)) | more)


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_what_a_newer_worker_adds_is_passed_by_and_what_it_invents_is_kept_for_it(
    sinks: Sinks, bootstrap: str
) -> None:
    """Two workers of different versions on one topic: the older takes what it knows, and loses nothing of the rest."""
    known = newer(approval("国械注准20223215001"), reviewed_by="a field of version 9", schema_version="9")
    unknown = newer(approval("国械注准20223215002"), type="recall_of_version_9")
    await Aggregate(sinks).take([consumed(known), consumed(unknown, 1), consumed(encode(price("hunan")), 2)])
    assert await View(sinks.redis).value("certificates", LATER) == 1
    assert await View(sinks.redis).value("price_items", LATER) == 1
    letters = [decode(DeadLetter, m.value) for m in await read_all(bootstrap, DEAD_LETTERS)]
    mine = [one for one in letters if b"recall_of_version_9" in one.original]
    assert [(one.stage, one.original) for one in mine] == [("aggregate", unknown)]


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_a_store_that_is_full_is_waited_for_and_nothing_is_dropped(sinks: Sinks) -> None:
    """As with a full disk (MISCONF), Redis refuses to write and says why: the agent waits, and goes on when there is room."""
    client: Any = sinks.redis
    await client.config_set("maxmemory", 1)
    try:
        work = asyncio.create_task(Aggregate(sinks).take([consumed(encode(approval("国械注准20223215003")))]))
        done, _ = await asyncio.wait([work], timeout=0.5)
        assert not done
        assert await View(sinks.redis).value("certificates", LATER) == 0
    finally:
        await client.config_set("maxmemory", 0)
    await asyncio.wait_for(work, 60)
    assert await View(sinks.redis).value("certificates", LATER) == 1


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_a_message_that_no_broker_would_take_is_a_dead_letter_that_says_so(sinks: Sinks, bootstrap: str) -> None:
    big = Record(NOTICES, b"too-large-here", b"x" * (MAX_MESSAGE_BYTES + 1), [])
    await sinks.publish([big], "dedupe")
    letters = [decode(DeadLetter, m.value) for m in await read_all(bootstrap, DEAD_LETTERS)]
    mine = [one for one in letters if one.key == b"too-large-here"]
    assert [one.stage for one in mine] == ["dedupe"]
    assert "too large" in mine[0].reason
    assert "was cut" in mine[0].reason


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 50))
def test_pieces_are_everything_in_order_and_none_is_too_large_unless_it_is_one_message(
    sizes: list[int], most: int
) -> None:
    messages = [consumed(b"x" * size, n) for n, size in enumerate(sizes)]
    made = list(pieces(messages, most))
    assert [m for piece in made for m in piece] == messages
    assert all(len(piece) == 1 or sum(len(m.value) for m in piece) <= most for piece in made)
