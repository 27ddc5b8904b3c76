"""The producer under fire: one that is spent is replaced, and what it was given is sent."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from aiokafka.errors import OutOfOrderSequenceNumber

from events.kafka import Publisher
from events.topics import NOTICES
from events.wire import Record
from tests.kafka_read import read_all

pytestmark = pytest.mark.kafka


class Spent:
    """A producer whose sequence the broker refuses, for ever."""

    def __init__(self, sound: Any) -> None:
        self._sound = sound
        self.stopped = 0

    async def send(self, *_args: object, **_more: object) -> object:
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
