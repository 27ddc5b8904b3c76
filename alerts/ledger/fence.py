"""A transaction under a lease: written whole by the process that has the lease then, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.lock import Lock
from redis.exceptions import WatchError


class LeaseLost(Exception):
    """Another process decides or sends now: nothing of what was decided here was written."""


@asynccontextmanager
async def fenced(redis: Redis, lease: Lock | None) -> AsyncIterator[Pipeline]:
    """What is queued in the body is written at its end. Without a lease, in any case; else raises `LeaseLost`."""
    async with redis.pipeline(transaction=True) as pipe:
        if lease is not None:
            await pipe.watch(lease.name)
            if not await lease.owned():
                raise LeaseLost
            pipe.multi()  # type: ignore[no-untyped-call]
        yield pipe
        try:
            await pipe.execute()
        except WatchError as error:
            raise LeaseLost from error
