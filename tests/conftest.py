"""What every test may ask for: a real Valkey, a virtual clock, the folder of shared data."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from events.clock import VirtualClock
from medpulse.embedded.servers import embedded_redis
from tests.kafka_fixture import bootstrap, held

__all__ = ["bootstrap"]

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start brokers, browsers and rooms come first: begun last, one of them would run alone at the end."""
    items.sort(key=lambda item: not any(item.iter_markers("kafka")) and not any(item.iter_markers("browser")))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``../shared``; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared is not here")
    return SHARED


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Valkey server of this test session's own."""
    with held(embedded_redis(tmp_path_factory.mktemp("valkey"))) as url:
        yield url


@pytest_asyncio.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of the session's Valkey, emptied first."""
    client: Redis = Redis.from_url(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands at 2022-03-07 09:00 in Shanghai until it is moved."""
    return VirtualClock(datetime(2022, 3, 7, 1, 0, tzinfo=UTC))
