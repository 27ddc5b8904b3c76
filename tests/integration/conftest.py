"""Fixtures of the integration tests: the real servers, once per session. Every test in this folder is marked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.kafka import create_topics
from tests.integration.servers import apache_kafka, debian_redis
from tests.kafka_fixture import held

HERE = Path(__file__).parent
SECONDS = 600
"""The first test of a fresh machine also waits for Maven."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of an Apache Kafka of this session's own; medpulse's topics exist."""
    with held(apache_kafka(tmp_path_factory.mktemp("kafka"))) as address:
        asyncio.run(create_topics(address))
        yield address


@pytest.fixture(scope="session")
def real_redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Debian redis-server of this session's own."""
    with held(debian_redis(tmp_path_factory.mktemp("redis"))) as url:
        yield url
