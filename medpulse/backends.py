"""Finding Kafka and Redis: the addresses that are set, the instance that runs on the data folder, or servers of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from events.addresses import redis_client
from medpulse.embedded.running import find_running
from medpulse.embedded.servers import embedded_redis, embedded_servers
from medpulse.settings import Settings


@dataclass(frozen=True, slots=True)
class Backends:
    """Where Kafka and Redis are. ``attended`` says that somebody else already runs the rooms on them."""

    kafka: str
    redis: str
    idempotent: bool
    attended: bool


@asynccontextmanager
async def backends(settings: Settings) -> AsyncIterator[Backends]:
    """Kafka and Redis for a command that publishes. With neither set and nothing running, embedded servers for as long.

    Raises what the embedded servers raise.
    """
    if settings.kafka and settings.redis:
        idempotent = True if settings.idempotent is None else settings.idempotent
        yield Backends(settings.kafka, settings.redis, idempotent, attended=True)
        return
    running = find_running(settings.home.absolute())
    if running is not None:
        yield Backends(running.bootstrap, running.redis_url, idempotent=False, attended=True)
        return
    async with embedded_servers(settings.home.absolute()) as servers:
        yield Backends(servers.bootstrap, servers.redis_url, idempotent=False, attended=False)


@asynccontextmanager
async def store(settings: Settings) -> AsyncIterator[Redis]:
    """A Redis client for a command that only reads. Raises redis ConnectionError if the one that is set does not answer."""
    if settings.redis:
        async with _client(settings.redis) as redis:
            yield redis
        return
    async with embedded_redis(settings.home.absolute()) as url, _client(url) as redis:
        yield redis


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Redis]:
    redis = redis_client(url)
    try:
        await redis.ping()
        yield redis
    finally:
        await redis.aclose()
