"""The sinks of an agent over a test's own Redis and broker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from events.clock import Clock
from events.kafka import Publisher
from streams.sinks import Sinks
from streams.store import Store


@asynccontextmanager
async def sinks_on(redis: Redis, publisher: Publisher, clock: Clock) -> AsyncIterator[Sinks]:
    """Sinks with a publisher that is started first and stopped at the end, and the Redis Functions loaded."""
    await publisher.start()
    try:
        store = Store(redis)
        await store.load()
        yield Sinks(redis, store, publisher, clock)
    finally:
        await publisher.stop()
