"""``python -m bench.flow.profile --events N``: processor time of each agent's body, without Faust, on real servers.

The bodies run one after the other over the messages that the one before has published, as the plain loop of `events.consume`
runs them. ``--calls N`` prints cProfile's N dearest functions of each besides, in a second pass of its own; that one is slower.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import logging
import pstats
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop
from redis.asyncio import Redis

from bench.flow.load import pour_envelopes
from bench.flow.servers import servers
from events.addresses import redis_client
from events.clock import SystemClock
from events.consume import scan
from events.kafka import Publisher, create_topics, publisher
from events.topics import EVENTS, NOTICES, NOTICES_UNIQUE
from streams.agents.aggregate import Aggregate
from streams.agents.body import Body
from streams.agents.dedupe import Dedupe
from streams.agents.enrich import Enrich
from streams.enrich.events import events_of
from streams.sinks import Sinks
from streams.store import Store
from streams.transport import pieces
from streams.worker import ready

STEPS = (("dedupe", NOTICES), ("enrich", NOTICES_UNIQUE), ("aggregate", EVENTS))


def bodies(sinks: Sinks) -> dict[str, Body[Any]]:
    """The bodies by their names, as the worker makes them."""
    return {"dedupe": Dedupe(sinks), "enrich": Enrich(sinks, events_of), "aggregate": Aggregate(sinks)}


async def cpu_of_redis(redis: Redis) -> float:
    """Seconds of processor that the server has used."""
    client: Any = redis
    found = await client.info("cpu")
    return float(found["used_cpu_user"] + found["used_cpu_sys"])


async def run(many: int, calls: int, *, distinct: bool) -> None:
    """Measure and print."""
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="medpulse-profile-") as folder:
        async with servers(Path(folder), real=False) as place:
            await create_topics(place.kafka)
            redis = redis_client(place.redis)
            async with publisher(place.kafka, idempotent=False, redis=redis) as out:
                await pour_envelopes(out, many, distinct=distinct)
                await _steps(place.kafka, redis, out, many, calls)
            await redis.aclose()


async def _steps(kafka: str, redis: Redis, out: Publisher, many: int, calls: int) -> None:
    store = Store(redis)
    await store.load()
    ready()
    made = bodies(Sinks(redis, store, out, SystemClock()))
    total = 0.0
    for name, topic in STEPS:
        messages = [message async for batch in scan(kafka, topic) for message in batch]
        profile = cProfile.Profile() if calls else None
        redis_cpu = await cpu_of_redis(redis)
        began, wall = time.process_time(), time.perf_counter()
        if profile:
            profile.enable()
        for piece in pieces(messages):
            await made[name].take(piece)
        if profile:
            profile.disable()
        cpu, wall = time.process_time() - began, time.perf_counter() - wall
        total += cpu
        redis_cpu = await cpu_of_redis(redis) - redis_cpu
        figures = [f"{seconds / many * 1e6:7,.0f} µs" for seconds in (cpu, redis_cpu, wall)]
        print(f"{name:10} {figures[0]} of processor an event, Redis {figures[1]}, wall {figures[2]}", flush=True)
        if profile:
            pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(calls)
    print(f"{'together':10} {total / many * 1e6:7,.0f} µs of processor an event")


def main() -> None:
    """Parse, run."""
    parser = argparse.ArgumentParser(prog="python -m bench.flow.profile", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--calls", type=int, default=0, help="so many of the dearest functions, by cProfile")
    parser.add_argument("--distinct", action="store_true", help="each text that is read for its meaning comes once")
    asked = parser.parse_args()
    uvloop.install()
    asyncio.run(run(asked.events, asked.calls, distinct=asked.distinct))


if __name__ == "__main__":
    main()
