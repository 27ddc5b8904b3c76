"""A Redis that lost its data is made whole from Kafka; a view is made beside the live one and put in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.consumed import Consumed
from events.event import EventBase
from events.kafka import Publisher, create_topics
from events.notice import NoticeBatch
from events.topics import EVENTS, METRICS, NOTICES_UNIQUE
from events.view import layout
from events.view.reader import View
from events.wire import encode, record
from medpulse.embedded.servers import tansu
from streams.agents.aggregate import Aggregate
from streams.rebuild.heal import BEING_MADE, NewerVersion, NoEpoch, heal, needs_whole, whole
from streams.rebuild.view import Built, abandon, build, drop, following, switch
from streams.sinks import Sinks
from tests.kafka_read import read_all
from tests.streams.make import approval, notice, price
from tests.streams.plain import recomputed, stored
from tests.streams.sinks import sinks_on

pytestmark = pytest.mark.kafka


@pytest_asyncio.fixture
async def kafka(tmp_path: Path) -> AsyncIterator[str]:
    """A broker of the test's own: what is rebuilt is everything that its topic holds."""
    async with tansu(tmp_path / "tansu.log") as (_, bootstrap):
        await create_topics(bootstrap)
        yield bootstrap


@pytest_asyncio.fixture
async def sinks(redis: Redis, kafka: str, clock: VirtualClock) -> AsyncIterator[Sinks]:
    async with sinks_on(redis, Publisher(kafka, idempotent=False, redis=redis), clock) as made:
        yield made


def history() -> list[EventBase]:
    """Approvals, a correction and a retraction among them, and prices."""
    approvals = [approval(f"国械注准2022321{n:04d}", day=n) for n in range(40)]
    corrected = approvals[0].model_copy(update={"revision": 2, "device_class": 2})
    gone = approvals[1].model_copy(update={"revision": 2, "retracted": True})
    return [*approvals, *(price(one) for one in ("beijing", "hebei")), corrected, gone]


async def processed(sinks: Sinks, events: list[EventBase]) -> None:
    """Publish events, and let `aggregate` take them."""
    await sinks.publish([record(event) for event in events], "test")
    await Aggregate(sinks).take([Consumed(EVENTS.name, 0, n, b"", encode(e)) for n, e in enumerate(events)])


async def commit(bootstrap: str) -> None:
    """Commit, as the workers' group, that something was processed."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=layout.STREAMS, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(EVENTS.name, 0)])
    await consumer.commit({TopicPartition(EVENTS.name, 0): 1})
    await consumer.stop()


@pytest.mark.asyncio
async def test_a_fresh_installation_lacks_nothing(redis: Redis, kafka: str, sinks: Sinks) -> None:
    await sinks.publish([record(event) for event in history()], "test")
    with pytest.raises(NoEpoch):
        await needs_whole(redis)
    assert await heal(kafka, redis)
    await needs_whole(redis)
    assert await View(redis).name() == layout.FIRST
    assert not await heal(kafka, redis)


@pytest.mark.asyncio
async def test_an_older_worker_waits_while_a_newer_one_makes_the_view_and_ends_when_started_again(redis: Redis) -> None:
    newer = int(layout.THIS_EPOCH) + 1
    for epoch in (f"{newer}{BEING_MADE}", str(newer)):
        await redis.set(layout.EPOCH, epoch)
        with pytest.raises(NoEpoch):
            await needs_whole(redis)
        with pytest.raises(NewerVersion, match=f"at epoch {newer}"):
            await heal("127.0.0.1:1", redis)
        assert layout.text(await redis.get(layout.EPOCH)) == epoch


@pytest.mark.asyncio
async def test_one_that_was_killed_while_it_made_the_view_goes_on(redis: Redis, kafka: str, sinks: Sinks) -> None:
    await processed(sinks, history())
    await commit(kafka)
    await redis.set(layout.EPOCH, f"{layout.THIS_EPOCH}{BEING_MADE}")
    with pytest.raises(NoEpoch):
        await needs_whole(redis)
    assert await heal(kafka, redis)
    assert await whole(redis)
    assert await stored(redis, await View(redis).name()) == recomputed(history())


@pytest.mark.asyncio
async def test_an_emptied_redis_is_made_whole(redis: Redis, kafka: str, sinks: Sinks) -> None:
    events = history()
    edited = notice("1").model_copy(update={"revision": 3})
    unique = NoticeBatch(batch_id="b", source_id=edited.source_id, notices=(edited,))
    await sinks.publish([record(unique, NOTICES_UNIQUE)], "test")
    await processed(sinks, events)
    await commit(kafka)
    assert await heal(kafka, redis)  # as after an upgrade: there is data, and no epoch
    assert await stored(redis, await View(redis).name()) == recomputed(events)

    await redis.flushall()
    assert not await whole(redis)
    assert await heal(kafka, redis)
    assert await stored(redis, await View(redis).name()) == recomputed(events)
    seen = await redis.hget(layout.NOTICES, edited.notice_id)
    assert layout.text(seen) == f"3:{edited.content_hash}"
    given = await redis.hkeys(layout.NOTICE_EVENTS)
    assert {layout.text(one) for one in given} == {event.notice_id for event in events}


@pytest.mark.asyncio
async def test_what_happens_while_a_view_is_made_is_in_both(redis: Redis, kafka: str, sinks: Sinks) -> None:
    events, later = history(), [approval("国械注准20223219999", day=99)]
    await processed(sinks, events)
    told = len(await read_all(kafka, METRICS))
    built = await build(kafka, redis)
    assert (built.view, built.before, built.events, built.resumed) == ("v2", "v1", len(events), False)
    await Aggregate(sinks).take([Consumed(EVENTS.name, 0, 999, b"", encode(later[0]))])
    assert await stored(redis, "v1") == await stored(redis, "v2") == recomputed([*events, *later])
    await switch(redis, built)
    assert await View(redis).name() == "v2"
    assert await stored(redis, "v1") == {}
    assert await redis.exists(layout.BUILDING) == 0
    after = len(await read_all(kafka, METRICS))
    await processed(sinks, events)
    assert len(await read_all(kafka, METRICS)) == after > told


@pytest.mark.asyncio
async def test_a_view_that_was_begun_is_gone_on_with_or_given_up(redis: Redis, kafka: str, sinks: Sinks) -> None:
    events = history()
    await processed(sinks, events)
    first = await build(kafka, redis)
    again = await build(kafka, redis)
    assert again.resumed
    assert again.events == 0
    assert await stored(redis, again.view) == recomputed(events)
    await abandon(redis)
    assert await stored(redis, first.view) == {}
    assert await stored(redis) == recomputed(events)


@pytest.mark.asyncio
async def test_a_message_that_is_no_event_is_counted_and_passed_by(redis: Redis, kafka: str, sinks: Sinks) -> None:
    good = record(approval("国械注准20223210001"))
    bad = type(good)(good.topic, b"k", b"{", [])
    await sinks.publish([good, bad], "test")
    built = await build(kafka, redis)
    assert (built.events, built.unreadable) == (1, 1)


@pytest.mark.asyncio
async def test_dropping_a_view_leaves_the_others(redis: Redis, kafka: str, sinks: Sinks) -> None:
    await processed(sinks, history())
    await drop(redis, "v11")
    assert await stored(redis) == recomputed(history())
    await switch(redis, Built("v3", "v9"))
    assert following("v3") == "v4"
    assert following("mine") == "mine-v2"
