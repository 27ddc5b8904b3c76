"""What medpulse relies on, settled on Apache Kafka (ENGINE.md: measured on Tansu, or never seen there)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from events.kafka import BrokerAway, Consumed, consume, create_topics, publisher
from events.messages import HealthState, Outcome, SourceHealth
from events.topics import EVENTS, TOPICS, Topic
from events.wire import Record, record
from medpulse.embedded.process import free_port
from tests.kafka_read import read_all

PARTITIONS = 4


def _topic(**changes: str) -> Topic:
    """A topic of the test's own."""
    topic = Topic(f"test.{uuid4().hex}", "Any", "n", PARTITIONS, "delete", 86_400_000, False, "a test's own")
    return topic if not changes else _With(topic.name, "Any", "n", 1, "compact", None, False, "", changes)


class _With(Topic):
    """A topic with further settings of the broker."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args[:-1])
        object.__setattr__(self, "_more", args[-1])

    __slots__ = ("_more",)
    _more: dict[str, str]

    @property
    def configs(self) -> dict[str, str]:
        return {**super().configs, **self._more}


def _records(topic: Topic, keys: Iterable[int]) -> list[Record]:
    return [Record(topic, str(key).encode(), b"{}", []) for key in keys]


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _settings(bootstrap: str, topic: Topic) -> dict[str, str]:
    async with _admin(bootstrap) as admin:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name)])
    ((*_, entries),) = answer.resources
    return {entry[0]: entry[1] for entry in entries}
