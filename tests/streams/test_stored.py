"""What an earlier version wrote, as messages and in Redis, is read by this one: the fixtures are never edited.

``stored/v1`` was written by commit 838acc9: ``messages.jsonl`` has the messages of every topic, ``redis.json`` every key that
the agents and the alerts left, ``values.json`` what the base metrics were. A change of the
contract adds a folder, and edits none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import BaseModel
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.consumed import Consumed
from events.event import EventBase
from events.kafka import Publisher
from events.messages import Alert, DeadLetter, Delivery, Metric, SourceHealth
from events.notice import NoticeBatch
from events.topics import (
    ALERTS,
    DEAD_LETTERS,
    DELIVERIES,
    EVENTS,
    METRICS,
    NOTICES,
    NOTICES_UNIQUE,
    SOURCE_HEALTH,
    TOPICS,
    Topic,
)
from events.view import layout
from events.view.reader import View
from events.wire import decode, decode_event, encode
from streams.agents.dedupe import Dedupe
from streams.rebuild.heal import whole
from streams.sinks import Sinks
from streams.store import Store
from tests.streams.plain import recomputed, stored

WRITTEN = Path(__file__).parent / "stored" / "v1"
SHA256 = {
    "messages.jsonl": "94689974a79d7c56bd8ebfdcb36c3dba58142deb2f7cab90edd7066c60d01f2f",
    "redis.json": "89a0126af93e0ed9117f06693d83fa92ef41297b8612696ad5c6ab2968d8fcc6",
    "values.json": "56208ccb4f7d07f5729b9990a48e5e9046d891f4be4dcd7aa9fbe68316a0eee5",
}
LATER = date(2030, 1, 1)
READ: dict[Topic, Callable[[bytes], BaseModel]] = {
    NOTICES: partial(decode, NoticeBatch),
    NOTICES_UNIQUE: partial(decode, NoticeBatch),
    EVENTS: decode_event,
    METRICS: partial(decode, Metric),
    ALERTS: partial(decode, Alert),
    DELIVERIES: partial(decode, Delivery),
    SOURCE_HEALTH: partial(decode, SourceHealth),
    DEAD_LETTERS: partial(decode, DeadLetter),
}


def messages(topic: Topic) -> list[bytes]:
    """What an earlier version wrote to a topic."""
    lines = (WRITTEN / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    return [one["value"].encode() for one in map(json.loads, lines) if one["topic"] == topic.name]


async def restored(redis: Redis) -> Redis:
    """A Redis as an earlier version left it."""
    for key, kept in json.loads((WRITTEN / "redis.json").read_text(encoding="utf-8")).items():
        value: Any = kept["value"]
        match kept["type"]:
            case "hash":
                await redis.hset(key, mapping=value)
            case "zset":
                await redis.zadd(key, value)
            case "set":
                await redis.sadd(key, *value)
            case _:
                await redis.set(key, value)
    return redis


@pytest_asyncio.fixture
async def old(redis: Redis) -> Redis:
    return await restored(redis)


@pytest_asyncio.fixture
async def sinks(old: Redis, bootstrap: str, clock: VirtualClock) -> AsyncIterator[Sinks]:
    publisher = Publisher(bootstrap, idempotent=False, redis=old)
    await publisher.start()
    yield Sinks(old, Store(old), publisher, clock)
    await publisher.stop()


def test_nobody_has_edited_what_was_written() -> None:
    for name, digest in SHA256.items():
        assert hashlib.sha256((WRITTEN / name).read_bytes()).hexdigest() == digest, f"{name} is never edited"


def kept(said: Any, now: Any) -> Any:
    """Of ``now`` what ``said`` has a name for, at every depth: a later version only adds."""
    match said, now:
        case dict(), dict():
            return {name: kept(value, now[name]) for name, value in said.items()}
        case list(), list() if len(said) == len(now):
            return [kept(one, other) for one, other in zip(said, now, strict=True)]
        case _:
            return now


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_message_is_read_and_says_what_it_said(topic: Topic) -> None:
    found = messages(topic)
    assert found
    for raw in found:
        said, now = json.loads(raw), json.loads(encode(READ[topic](raw)))
        assert kept(said, now) == said


@pytest.mark.asyncio
async def test_its_view_is_read_as_it_was(old: Redis) -> None:
    assert await whole(old) == (
        layout.THIS_EPOCH == "2"
    )  # an upgrade that counts otherwise makes the view again by itself
    values = json.loads((WRITTEN / "values.json").read_text(encoding="utf-8"))
    assert {name: await View(old).value(name, LATER) for name in values} == values
    assert len(await View(old).events(limit=1000)) == await View(old).count_events()


@pytest.mark.asyncio
async def test_its_memory_of_what_was_applied_is_understood(old: Redis) -> None:
    store = Store(old)
    await store.load()
    events = [decode_event(raw) for raw in messages(EVENTS)]
    assert not any(await store.apply(events))
    corrected: list[EventBase] = [
        one.model_copy(update={"revision": 9, "retracted": n % 2 == 0}) for n, one in enumerate(events)
    ]
    last = list({one.event_id: one for one in corrected}.values())
    await store.apply(last)
    assert await stored(old) == recomputed(last)


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_its_memory_of_notices_is_understood(sinks: Sinks) -> None:
    before = await sinks.redis.hgetall(layout.NOTICES)
    last = {n.notice_id: n for raw in messages(NOTICES_UNIQUE) for n in decode(NoticeBatch, raw).notices}
    again = NoticeBatch(batch_id="b", source_id="s", notices=tuple(last.values()))
    await Dedupe(sinks).take([Consumed(NOTICES.name, 0, 0, b"", encode(again))])
    assert await sinks.redis.hgetall(layout.NOTICES) == before
