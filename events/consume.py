"""Reading Kafka without Faust: a batch loop that commits after the effect, and a plain follower."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError
from redis.asyncio import Redis

from events.addresses import kafka_client, unanswered
from events.consumed import Consumed
from events.flow import note_processed
from events.kafka import BrokerAway
from events.topics import Topic
from events.tracing import trace_of

log = structlog.get_logger()
_LOOK_MS = 200
FETCH_WAIT_MS = 100
"""How long the broker may hold a fetch while there is nothing new. Apache Kafka answers as soon as something comes, whatever
this is; Tansu looks again after half of it, so that it is what an alert waits at every hop. Ten idle fetches a second."""
_EMPTY_FETCHES = 2


async def consume(
    bootstrap: str,
    group: str,
    topics: Sequence[Topic],
    effect: Callable[[list[Consumed]], Awaitable[None]],
    *,
    stop: asyncio.Event,
    most: int = 500,
    redis: Redis | None = None,
) -> None:
    """Read the topics as one member of ``group``: hand each batch to ``effect``, then commit it (commit after effect).

    ``effect`` must not raise for a bad message (that is what dead letters are for); if it does, nothing is committed and the
    error reaches the caller. Where a Redis is given, how far each partition was processed is noted there. Returns once
    ``stop`` is set. Raises `BrokerAway` if the broker does not answer at the start.
    """
    consumer = await _started(
        bootstrap,
        *(t.name for t in topics),
        group_id=group,
        auto_offset_reset="earliest",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=2_000,
        max_poll_interval_ms=300_000,
    )
    try:
        while not stop.is_set():
            fetched = await consumer.getmany(timeout_ms=200, max_records=most)
            messages = _messages(fetched)
            if messages:
                await effect(messages)
                await _commit(consumer, {tp: batch[-1].offset + 1 for tp, batch in fetched.items() if batch})
                if redis is not None:
                    await note_processed(redis, group, ((m.topic, m.partition, m.offset) for m in messages))
    finally:
        await consumer.stop()


async def follow(bootstrap: str, topic: Topic, *, stop: asyncio.Event) -> AsyncIterator[Consumed]:
    """New messages of a topic as they come, outside any consumer group, until ``stop`` is set. Raises `BrokerAway`."""
    consumer = await _started(bootstrap, auto_offset_reset="latest")
    try:
        consumer.assign([TopicPartition(topic.name, partition) for partition in range(topic.partitions)])
        while not stop.is_set():
            for message in _messages(await consumer.getmany(timeout_ms=200)):
                yield message
    finally:
        await consumer.stop()


async def scan(
    bootstrap: str,
    topic: Topic,
    *,
    most: int = 2000,
    ends: Callable[[int], None] = lambda _: None,
    start: Mapping[int, int] | None = None,
) -> AsyncIterator[list[Consumed]]:
    """Every message of a topic from its beginning to its present end, in batches, outside any consumer group.

    ``start`` holds, by partition, the offset to begin at instead. ``ends`` is told, once, about how many messages there are
    (compaction leaves holes). The end is what the broker says, or further: Tansu understates it (ENGINE.md), so reading goes on
    until fetches stay empty. Raises `BrokerAway`.
    """
    consumer = await _started(bootstrap, auto_offset_reset="earliest")
    try:
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        last = await consumer.end_offsets(partitions)
        first = await consumer.beginning_offsets(partitions)
        for one in partitions:
            if one.partition in (start or {}):
                first[one] = max(first[one], (start or {})[one.partition])
                consumer.seek(one, first[one])
        ends(sum(last[one] - first[one] for one in partitions))
        empty = 0
        while empty < _EMPTY_FETCHES:
            messages = _messages(await consumer.getmany(timeout_ms=_LOOK_MS, max_records=most))
            if messages:
                yield messages
            reached = [await consumer.position(one) >= last[one] for one in partitions]
            empty = empty + 1 if all(reached) and not messages else 0
    finally:
        await consumer.stop()


async def has_committed(bootstrap: str, group: str, topic: Topic) -> bool:
    """Whether a consumer group has ever committed that it processed something of a topic. Raises `BrokerAway`."""
    consumer = await _started(bootstrap, group_id=group)
    try:
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(partitions)
        return any([await consumer.committed(one) for one in partitions])
    finally:
        await consumer.stop()


async def _started(bootstrap: str, *topics: str, **settings: Any) -> Any:
    consumer: Any = AIOKafkaConsumer(
        *topics, **kafka_client(bootstrap), enable_auto_commit=False, fetch_max_wait_ms=FETCH_WAIT_MS, **settings
    )
    try:
        await consumer.start()
    except KafkaConnectionError as error:
        await consumer.stop()
        raise BrokerAway(unanswered(bootstrap)) from error
    return consumer


def _messages(fetched: dict[Any, list[Any]]) -> list[Consumed]:
    return [
        Consumed(tp.topic, tp.partition, m.offset, m.key, m.value, trace_of(m.headers))
        for tp, batch in fetched.items()
        for m in batch
    ]


async def _commit(consumer: Any, offsets: dict[Any, int]) -> None:
    """Commit what is still ours. What a rebalance took away meanwhile is read again by its new owner, and does nothing."""
    ours = {tp: offset for tp, offset in offsets.items() if tp in consumer.assignment()}
    try:
        if ours:
            await consumer.commit(ours)
    except (CommitFailedError, IllegalStateError) as error:
        log.warning("kafka.commit_lost_to_a_rebalance", error=repr(error), partitions=len(ours))
