"""Kafka, once for every room: making the topics, and a producer that waits for its acknowledgements."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code
from redis.asyncio import Redis

from events import telemetry
from events.addresses import kafka_client, unanswered
from events.away import is_away
from events.clock import Clock, SystemClock
from events.dead import fits, too_large
from events.flow import ProducedNotes
from events.partitioner import partition
from events.topics import MAX_MESSAGE_BYTES, TOPICS, Topic
from events.wire import Record, record

log = structlog.get_logger()

_SYSTEM = SystemClock()
REPLICAS = 3
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
RENEW_AFTER = 3
"""After every so many failures in a row a new producer is tried."""
BATCH_BYTES = 256 * 1024
"""What is sent to a partition at once: aiokafka's own 16 KB hold a dozen events, and each request has its price."""
STOP_SECONDS = 5.0
"""A producer that is given up may take so long to end."""


class BrokerAway(ConnectionError):
    """No Kafka broker answers at the given address."""


async def create_topics(bootstrap: str, topics: Iterable[Topic] = TOPICS) -> None:
    """Create the topics that do not exist yet, with a replica on each broker, `REPLICAS` at the most.

    With three replicas a write is acknowledged by two (``min.insync.replicas``): one broker may die at any moment.

    Workers must not start before: source topics left to the broker's defaults get its partition count, and Faust loops for
    ever on the mismatch. Raises `BrokerAway`, or the broker's KafkaError for a topic that it refuses.
    """
    admin = AIOKafkaAdminClient(**kafka_client(bootstrap))
    try:
        await admin.start()
    except KafkaConnectionError as error:
        raise BrokerAway(unanswered(bootstrap)) from error
    try:
        replicas = min(REPLICAS, len((await admin.describe_cluster())["brokers"]))
        safe = {"min.insync.replicas": str(replicas - 1)} if replicas == REPLICAS else {}
        wanted = [NewTopic(t.name, t.partitions, replicas, topic_configs=t.configs | safe) for t in topics]
        try:
            answer = await admin.create_topics(wanted)
        except AttributeError as error:  # aiokafka 0.14 asks None for its node id
            raise BrokerAway(f"{unanswered(bootstrap)}: no controller is known yet") from error
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

    def __init__(
        self,
        bootstrap: str,
        *,
        idempotent: bool,
        redis: Redis | None = None,
        clock: Clock = _SYSTEM,
    ) -> None:
        self._bootstrap = bootstrap
        self._clock = clock
        self._idempotent = idempotent
        self._notes = ProducedNotes(redis) if redis is not None else None
        self._producer: Any = None
        self._renewing = asyncio.Lock()
        self.waiting = 0
        """How many callers of `send_until_done` wait for the broker to come back."""

    async def start(self) -> None:
        """Connect. Raises `BrokerAway`."""
        self._producer = await self._connected()

    async def _connected(self) -> Any:
        producer: Any = AIOKafkaProducer(
            **kafka_client(self._bootstrap),
            acks="all",
            enable_idempotence=self._idempotent,
            max_request_size=MAX_MESSAGE_BYTES,
            compression_type="zstd",
            max_batch_size=BATCH_BYTES,
        )
        try:
            await producer.start()
        except KafkaConnectionError as error:
            await producer.stop()
            raise BrokerAway(unanswered(self._bootstrap)) from error
        except KafkaError:
            await producer.stop()
            raise
        return producer

    async def _renew(self, spent: Any) -> None:
        """Put a new producer in the place of ``spent``: one whose sequence is refused, or whose sender died, fails for ever.

        Whoever still waits for the old one gets its errors and tries again with the new one.
        """
        async with self._renewing:
            if self._producer is not spent:
                return  # somebody else has done it
            try:
                self._producer = await self._connected()
            except (KafkaError, OSError) as error:
                log.warning("kafka.not_renewed", error=repr(error))
                return
            log.warning("kafka.producer_renewed")
            try:
                await asyncio.wait_for(spent.stop(), STOP_SECONDS)
            except (KafkaError, OSError, TimeoutError) as error:
                # What it still holds must not be written behind what is sent again.
                log.warning("kafka.producer_not_stopped", error=repr(error))
                await spent.client.close()

    async def stop(self) -> None:
        """Flush what is in hand and disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, records: Sequence[Record]) -> None:
        """Send the records and return once every one is acknowledged. Raises KafkaError if any is not."""
        producer = self._producer
        batches = await _batches(producer, records)
        waiting = [await producer.send_batch(one, topic, partition=number) for (topic, number), one in batches]
        written: list[Any] = await asyncio.gather(*waiting, return_exceptions=True)
        if fault := next((one for one in written if isinstance(one, BaseException)), None):
            raise fault
        if self._notes is not None:
            ends = zip(written, batches, strict=True)
            await self._notes.note((m.topic, m.partition, m.offset + one.record_count() - 1) for m, (_, one) in ends)

    async def send_until_done(self, records: Sequence[Record], stage: str) -> None:
        """Send, and try again with growing waits while the broker is away: what is in hand is never dropped.

        A record that no broker would take, because it is larger than `MAX_MESSAGE_BYTES`, goes to the dead letters instead.
        """
        sendable = [one if fits(one) else record(too_large(one, stage, self._clock.now())) for one in records]
        attempt = 0
        while True:
            used = self._producer
            try:
                await self.send(sendable)
            except Exception as error:
                if not is_away(error):
                    raise
                wait = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
                telemetry.RETRIES.labels(stage).inc()
                log.warning("kafka.send_failed", stage=stage, error=repr(error), retry_in=wait)
                attempt += 1
                self.waiting += 1
                try:
                    await asyncio.sleep(wait)
                    if attempt % RENEW_AFTER == 0:
                        await self._renew(used)
                finally:
                    self.waiting -= 1
            else:
                return


async def _batches(producer: Any, records: Sequence[Record]) -> list[tuple[tuple[str, int], Any]]:
    """The records by topic and partition, in their order. To send them one by one costs three times as much."""
    partitions = {name: sorted(await producer.partitions_for(name)) for name in {one.topic.name for one in records}}
    full: list[tuple[tuple[str, int], Any]] = []
    open_: dict[tuple[str, int], Any] = {}
    for one in records:
        every = partitions[one.topic.name]
        where = (one.topic.name, partition(one.key, every, every))
        while where not in open_ or not _added(open_[where], one):
            if where in open_:
                full.append((where, open_[where]))
            open_[where] = producer.create_batch()
    return [*full, *open_.items()]


def _added(batch: Any, one: Record) -> bool:
    return batch.append(timestamp=None, key=one.key, value=one.value, headers=one.headers) is not None


@asynccontextmanager
async def publisher(bootstrap: str, *, idempotent: bool, redis: Redis | None = None) -> AsyncIterator[Publisher]:
    """A started `Publisher`, stopped at the end. Raises `BrokerAway`."""
    made = Publisher(bootstrap, idempotent=idempotent, redis=redis)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
