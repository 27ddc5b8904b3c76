"""The producer under fire: one that is spent is replaced, and what it was given is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.errors import OutOfOrderSequenceNumber

from events.kafka import BATCH_BYTES, Publisher, create_topics
from events.topics import NOTICES
from events.wire import Record
from tests.kafka_read import read_all

pytestmark = pytest.mark.kafka


class Spent:
    """A producer whose sequence the broker refuses, for ever."""

    def __init__(self, sound: Any) -> None:
        self._sound = sound
        self.stopped = 0

    async def partitions_for(self, topic: str) -> Any:
        return await self._sound.partitions_for(topic)

    def create_batch(self) -> Any:
        return self._sound.create_batch()

    async def send_batch(self, *_args: object, **_more: object) -> object:
        raise OutOfOrderSequenceNumber

    async def stop(self) -> None:
        self.stopped += 1
        await self._sound.stop()


@pytest.mark.asyncio
async def test_a_spent_producer_is_replaced_once_and_nothing_is_lost(bootstrap: str) -> None:
    publisher = Publisher(bootstrap, idempotent=False)
    await publisher.start()
    spent = Spent(publisher._producer)
    publisher._producer = spent
    key = uuid4().hex.encode()
    try:
        await publisher.send_until_done([Record(NOTICES, key, b"{}", [])], "test")
    finally:
        await publisher.stop()
    assert spent.stopped == 1
    assert publisher.waiting == 0
    assert len([m for m in await read_all(bootstrap, NOTICES) if m.key == key]) == 1


@pytest.mark.asyncio
async def test_what_is_sent_at_once_keeps_its_order_whatever_its_size(bootstrap: str) -> None:
    """Ten records of a key that together are several batches, one of them larger than a batch may be."""
    topic = replace(NOTICES, name=f"test.order.{uuid4().hex}")
    await create_topics(bootstrap, [topic])
    publisher = Publisher(bootstrap, idempotent=False)
    await publisher.start()
    key = uuid4().hex.encode()
    sizes = [10, 100_000, 200_000, BATCH_BYTES + 1000, 10, 200_000, 60_000, 1, 2, 3]
    values = [b"%d" % at + b" " * size for at, size in enumerate(sizes)]
    try:
        await publisher.send_until_done([Record(topic, key, value, [("n", b"1")]) for value in values], "test")
    finally:
        await publisher.stop()
    assert [m.value for m in await read_all(bootstrap, topic) if m.key == key] == values
