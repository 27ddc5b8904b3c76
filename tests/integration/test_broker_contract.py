"""What medpulse relies on, settled on Apache Kafka (ENGINE.md: measured on Tansu, or never seen there)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidConfigurationError

from events.consume import consume
from events.consumed import Consumed
from events.kafka import BrokerAway, create_topics, publisher
from events.topics import TOPICS, Topic
from events.wire import Record
from medpulse.embedded.process import free_port
from tests.kafka_read import read_all

PARTITIONS = 4
PATIENCE = 60.0


class EffectFailed(RuntimeError):
    """The effect of a batch went wrong."""


def _topic(partitions: int = PARTITIONS, retention_ms: int = 86_400_000) -> Topic:
    return Topic(f"test.{uuid4().hex}", "Any", "n", partitions, "delete", retention_ms, False, "a test's own")


def _records(topic: Topic, keys: Iterable[int], value: bytes = b"{}") -> list[Record]:
    return [Record(topic, str(key).encode(), value, [("ce_id", str(key).encode())]) for key in keys]


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _committed(bootstrap: str, group: str) -> int:
    """The sum of the offsets that a group has committed."""
    async with _admin(bootstrap) as admin:
        offsets = await admin.list_consumer_group_offsets(group)
    return sum(meta.offset for meta in offsets.values() if meta.offset > 0)


@pytest.mark.asyncio
async def test_topics_are_made_once_and_as_declared(kafka_bootstrap: str) -> None:
    await create_topics(kafka_bootstrap)  # the fixture has made them before
    names = [topic.name for topic in TOPICS]
    async with _admin(kafka_bootstrap) as admin:
        described = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(names)}
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    assert described == {topic.name: topic.partitions for topic in TOPICS}
    settings = {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }
    for topic in TOPICS:
        assert settings[topic.name].items() >= topic.configs.items()


@pytest.mark.asyncio
async def test_a_topic_that_the_broker_refuses_is_named(kafka_bootstrap: str) -> None:
    refused = _topic(retention_ms=-7)
    with pytest.raises(InvalidConfigurationError, match=f"topic {refused.name} was refused by the broker"):
        await create_topics(kafka_bootstrap, [refused])


@pytest.mark.asyncio
async def test_a_broker_that_is_away_is_said_to_be() -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with pytest.raises(BrokerAway, match=nobody):
        await create_topics(nobody)


@pytest.mark.asyncio
@pytest.mark.parametrize("idempotent", [True, False])
async def test_everything_sent_is_read_once_with_its_key(kafka_bootstrap: str, idempotent: bool) -> None:
    topic = _topic()
    await create_topics(kafka_bootstrap, [topic])
    async with publisher(kafka_bootstrap, idempotent=idempotent) as out:
        await out.send(_records(topic, range(500)))
    found = await read_all(kafka_bootstrap, topic)
    assert sorted(int(message.key or b"-1") for message in found) == list(range(500))
    assert {message.partition for message in found} == set(range(PARTITIONS))


@pytest.mark.asyncio
async def test_the_end_of_a_log_is_its_end_for_batched_records_too(kafka_bootstrap: str) -> None:
    topic = _topic()
    await create_topics(kafka_bootstrap, [topic])
    async with publisher(kafka_bootstrap, idempotent=True) as out:
        await out.send(_records(topic, range(100)))
        await out.send(_records(topic, range(40)))
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap)
    await consumer.start()
    try:
        ends = await consumer.end_offsets([TopicPartition(topic.name, n) for n in range(PARTITIONS)])
    finally:
        await consumer.stop()
    assert sum(ends.values()) == 140


@pytest.mark.asyncio
async def test_a_batch_whose_effect_fails_is_not_committed_and_comes_again(kafka_bootstrap: str) -> None:
    topic, group = _topic(partitions=1), uuid4().hex
    await create_topics(kafka_bootstrap, [topic])
    async with publisher(kafka_bootstrap, idempotent=True) as out:
        await out.send(_records(topic, range(100)))
    done: list[int] = []
    stop = asyncio.Event()

    async def first(messages: list[Consumed]) -> None:
        if len(done) >= 40:
            raise EffectFailed
        done.extend(int(m.key or b"-1") for m in messages)

    async def second(messages: list[Consumed]) -> None:
        done.extend(int(m.key or b"-1") for m in messages)
        if len(done) >= 100:
            stop.set()

    with pytest.raises(EffectFailed):
        await consume(kafka_bootstrap, group, [topic], first, stop=stop, most=20)
    assert done == list(range(40))
    assert await _committed(kafka_bootstrap, group) == 40
    await asyncio.wait_for(consume(kafka_bootstrap, group, [topic], second, stop=stop, most=20), PATIENCE)
    assert done == list(range(100))
    assert await _committed(kafka_bootstrap, group) == 100


@pytest.mark.asyncio
async def test_two_members_share_the_partitions_and_one_takes_over(kafka_bootstrap: str) -> None:
    topic, group = _topic(), uuid4().hex
    await create_topics(kafka_bootstrap, [topic])
    seen: dict[str, set[int]] = {"a": set(), "b": set()}
    last: set[int] = set()
    taken_over = asyncio.Event()
    stops = {name: asyncio.Event() for name in seen}

    def member(name: str) -> asyncio.Task[None]:
        async def effect(messages: list[Consumed]) -> None:
            seen[name] |= {int(m.key or b"-1") for m in messages}
            if last and last <= seen[name]:
                taken_over.set()

        return asyncio.create_task(consume(kafka_bootstrap, group, [topic], effect, stop=stops[name]))

    members = {name: member(name) for name in seen}
    sent = 0
    async with publisher(kafka_bootstrap, idempotent=True) as out, asyncio.timeout(PATIENCE):
        while not (seen["a"] and seen["b"]):
            await out.send(_records(topic, range(sent, sent + 50)))
            sent += 50
            await asyncio.sleep(0.1)
        stops["a"].set()
        await members["a"]
        last |= set(range(sent, sent + 50))
        await out.send(_records(topic, last))
        await taken_over.wait()
    stops["b"].set()
    await members["b"]
    assert seen["a"] | seen["b"] == set(range(sent + 50))
    assert await _committed(kafka_bootstrap, group) == sent + 50


@pytest.mark.asyncio
async def test_compaction_keeps_the_last_message_of_each_key(kafka_bootstrap: str) -> None:
    topic = _topic(partitions=1)
    eager = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.001"}
    async with _admin(kafka_bootstrap) as admin:
        await admin.create_topics([NewTopic(topic.name, 1, 1, topic_configs=eager)])
    async with publisher(kafka_bootstrap, idempotent=True) as out, asyncio.timeout(PATIENCE):
        for revision in range(20):
            await out.send(_records(topic, range(5), str(revision).encode()))
        left = await read_all(kafka_bootstrap, topic)
        while len(left) > 50:  # each new message lets the broker close the segment before it
            await out.send(_records(topic, [99]))
            left = await read_all(kafka_bootstrap, topic)
    last = {message.key: message.value for message in left}
    assert {last[str(key).encode()] for key in range(5)} == {b"19"}
    assert left[-1].offset >= 100  # holes are normal: offsets stay
