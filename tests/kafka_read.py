"""Reading a whole topic in a test, without a group and without trusting the broker's idea of its end."""

from __future__ import annotations

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from events.consumed import Consumed
from events.topics import Topic


async def read_all(bootstrap: str, topic: Topic) -> list[Consumed]:
    """Every message of a topic, partition by partition, until fetches stay empty (Tansu misstates the end of a log)."""
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(topic.name, n) for n in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        found: list[Consumed] = []
        empty = 0
        while empty < 2:
            fetched = await consumer.getmany(timeout_ms=300)
            batch = [
                Consumed(tp.topic, tp.partition, m.offset, m.key, m.value) for tp, ms in fetched.items() for m in ms
            ]
            empty = 0 if batch else empty + 1
            found += batch
        return sorted(found, key=lambda m: (m.partition, m.offset))
    finally:
        await consumer.stop()
