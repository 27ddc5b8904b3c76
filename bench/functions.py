"""``python -m bench.functions --events N``: what each Redis Function costs Redis itself, µs an event, on the embedded server.

The notices of `bench.flow` are kept, compared, witnessed and counted one function after the other, as the agents do it with all
of them before the next; Redis tells the time by its own statistics of commands.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis

from bench.flow.load import notices
from events.addresses import redis_client
from events.event import EventBase
from events.notice import Notice
from medpulse.embedded.servers import embedded_redis
from streams.copies.memory import join
from streams.enrich.events import events_of
from streams.sightings import Seen, Sighting, later, sight
from streams.store import Store, entry
from streams.texts import keep
from streams.turns import TAKE
from streams.worker import ready

EVENTS = 6_000
Step = Callable[[Sequence[tuple[Notice, EventBase]]], Awaitable[object]]


def steps(redis: Redis) -> dict[str, Step]:
    """What the agents do to Redis with some notices and their events, by the name of the function that it calls."""
    store = Store(redis)
    return {
        "medpulse_keep": lambda some: keep(redis, [notice for notice, _ in some]),
        "medpulse_introduce": lambda some: join(redis, [notice for notice, _ in some]),
        "medpulse_witness": lambda some: sight(redis, [Seen(n.notice_id, Sighting(event, 1)) for n, event in some]),
        "medpulse_weigh": lambda some: later(redis, {event.event_id: event for _, event in some}),
        "medpulse_add": lambda some: store.apply_entries([entry(event) for _, event in some]),
    }


async def micros(redis: Redis) -> float:
    """Microseconds that Redis spent in functions since it was asked last."""
    client = cast("Any", redis)
    told = await client.info("commandstats")
    await client.config_resetstat()
    return float(told.get("cmdstat_fcall", {"usec": 0})["usec"])


async def measured(redis: Redis, many: int) -> dict[str, float]:
    """Microseconds an event of each function."""
    await Store(redis).load()
    said = [(notice, event) for notice in notices(many) for event in events_of(notice)]
    found = {}
    await micros(redis)
    for name, step in steps(redis).items():
        for at in range(0, len(said), TAKE):
            await step(said[at : at + TAKE])
        found[name] = await micros(redis) / len(said)
    return found


async def run(many: int) -> None:
    """Measure and print."""
    ready()
    with tempfile.TemporaryDirectory(prefix="medpulse-functions-") as folder:
        async with embedded_redis(Path(folder)) as url:
            redis = redis_client(url)
            try:
                found = await measured(redis, many)
            finally:
                await redis.aclose()
    for name, cost in found.items():
        print(f"{name:20} {cost:6.1f} µs an event")
    print(f"{'together':20} {sum(found.values()):6.1f} µs an event")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.functions", description=(__doc__ or "").split(": ", 1)[1])
    parser.add_argument("--events", type=int, default=EVENTS)
    asyncio.run(run(parser.parse_args().events))


if __name__ == "__main__":
    main()
