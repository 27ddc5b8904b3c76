"""Kafka, once for every room: the topics, a producer that waits for its acknowledgements, and a plain batch loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code
from redis.asyncio import Redis

from events.topics import MAX_MESSAGE_BYTES, TOPICS, Topic
from events.view import layout
from events.wire import Record

log = structlog.get_logger()

RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class BrokerAway(ConnectionError):
    """No Kafka broker answers at the given address."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """One message as it was read. ``offset + 1`` is what to commit once its effect is done."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes


async def create_topics(bootstrap: str, topics: Iterable[Topic] = TOPICS, replication: int = 1) -> None:
    """Create the topics that do not exist yet.

    Workers must not start before: source topics left to the broker's defaults get its partition count, and Faust loops for
    ever on the mismatch. Raises `BrokerAway`, or the broker's KafkaError for a topic that it refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
    except KafkaConnectionError as error:
        raise BrokerAway(f"no Kafka broker answers at {bootstrap}") from error
    try:
        wanted = [NewTopic(t.name, t.partitions, replication, topic_configs=t.configs) for t in topics]
        answer = await admin.create_topics(wanted)
        for name, code, *_ in answer.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(f"topic {name} was refused by the broker")
    finally:
        await admin.close()


class Publisher:
    """A producer with ``acks=all``. A record counts as sent when the broker has acknowledged it, never before.

    ``idempotent`` asks for the idempotent producer; Tansu does not answer it, Apache Kafka does. Where a Redis is given,
    the end of each partition that was written is noted there, so that lag can be told without asking the broker, whose
    ``ListOffsets`` is not to be trusted on Tansu (ENGINE.md).
    """

    def __init__(self, bootstrap: str, *, idempotent: bool, redis: Redis | None = None, linger_ms: int = 5) -> None:
        self._bootstrap = bootstrap
        self._idempotent = idempotent
        self._linger_ms = linger_ms
        self._redis = redis
        self._producer: Any = None

    async def start(self) -> None:
        """Connect. Raises `BrokerAway`."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=self._idempotent,
            linger_ms=self._linger_ms,
            max_request_size=MAX_MESSAGE_BYTES,
            compression_type="gzip",
        )
        try:
            await self._producer.start()
        except KafkaConnectionError as error:
            await self._producer.stop()
            raise BrokerAway(f"no Kafka broker answers at {self._bootstrap}") from error

    async def stop(self) -> None:
        """Flush what is in hand and disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, records: Sequence[Record]) -> None:
        """Send the records and return once every one is acknowledged. Raises KafkaError if any is not."""
        futures = [
            await self._producer.send(r.topic.name, value=r.value, key=r.key, headers=r.headers) for r in records
        ]
        written = await asyncio.gather(*futures)
        if self._redis is not None and written:
            ends: dict[str, dict[layout.Scalar, layout.Scalar]] = {}
            for meta in written:
                partitions = ends.setdefault(meta.topic, {})
                partition = str(meta.partition)
                partitions[partition] = max(int(partitions.get(partition, 0)), meta.offset + 1)
            async with self._redis.pipeline(transaction=False) as pipe:
                for topic, partitions in ends.items():
                    pipe.hset(layout.produced(topic), mapping=partitions)
                await pipe.execute()

    async def send_until_done(self, records: Sequence[Record], stage: str) -> None:
        """Send, and try again with growing waits while the broker is away: what is in hand is never dropped."""
        attempt = 0
        while True:
            try:
                await self.send(records)
            except (KafkaError, OSError) as error:
                wait = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
                log.warning("kafka.send_failed", stage=stage, error=repr(error), retry_in=wait)
                attempt += 1
                await asyncio.sleep(wait)
            else:
                return


async def note_processed(redis: Redis, group: str, messages: Iterable[Consumed]) -> None:
    """Note how far a consumer group has come, for lag and the watchdog."""
    ends: dict[str, dict[layout.Scalar, layout.Scalar]] = {}
    for message in messages:
        ends.setdefault(message.topic, {})[str(message.partition)] = message.offset + 1
    for topic, partitions in ends.items():
        await redis.hset(layout.processed(group, topic), mapping=partitions)


@asynccontextmanager
async def publisher(bootstrap: str, *, idempotent: bool, redis: Redis | None = None) -> AsyncIterator[Publisher]:
    """A started `Publisher`, stopped at the end. Raises `BrokerAway`."""
    made = Publisher(bootstrap, idempotent=idempotent, redis=redis)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


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
    consumer: Any = AIOKafkaConsumer(
        *(t.name for t in topics),
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=2_000,
        max_poll_interval_ms=300_000,
    )
    try:
        await consumer.start()
    except KafkaConnectionError as error:
        await consumer.stop()
        raise BrokerAway(f"no Kafka broker answers at {bootstrap}") from error
    try:
        while not stop.is_set():
            fetched = await consumer.getmany(timeout_ms=200, max_records=most)
            messages = [
                Consumed(tp.topic, tp.partition, m.offset, m.key, m.value)
                for tp, batch in fetched.items()
                for m in batch
            ]
            if messages:
                await effect(messages)
                await consumer.commit({tp: batch[-1].offset + 1 for tp, batch in fetched.items() if batch})
                if redis is not None:
                    await note_processed(redis, group, messages)
    finally:
        await consumer.stop()


async def follow(bootstrap: str, topic: Topic, *, stop: asyncio.Event) -> AsyncIterator[Consumed]:
    """New messages of a topic as they come, outside any consumer group, until ``stop`` is set. Raises `BrokerAway`."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="latest")
    try:
        await consumer.start()
    except KafkaConnectionError as error:
        await consumer.stop()
        raise BrokerAway(f"no Kafka broker answers at {bootstrap}") from error
    try:
        consumer.assign([TopicPartition(topic.name, partition) for partition in range(topic.partitions)])
        while not stop.is_set():
            for tp, batch in (await consumer.getmany(timeout_ms=200)).items():
                for m in batch:
                    yield Consumed(tp.topic, tp.partition, m.offset, m.key, m.value)
    finally:
        await consumer.stop()
