"""``python -m bench.state --events N``: what the state of N events takes: memory by kind of key, rebuild, verify, a restart.

A real worker makes the state; then ``medpulse rebuild --no-check`` and ``medpulse verify`` run as a user would, and the worker
is killed and started again until it has done something new.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bench.flow.contenders import until, worker
from bench.flow.cost import peak_of
from bench.flow.load import notices, pour_envelopes
from bench.flow.run import Say
from bench.flow.servers import Place, servers
from events.clock import SystemClock, monotonic
from events.kafka import create_topics, publisher
from events.view import layout
from events.wire import envelopes

_OWN = re.compile(r"^(\{medpulse:[a-z]+\d*\}:[a-z]+|medpulse:[a-z-]+)")


@dataclass(slots=True)
class State:
    """Bytes of memory of an event by kind of key, and seconds. ``used`` is all that Redis says it uses, of an event.

    ``verify_mb`` and ``rebuild_mb`` are the most megabytes that the commands had resident.
    """

    events: int
    used: float = 0.0
    by: Counter[str] = field(default_factory=Counter)
    rebuild: float = 0.0
    verify: float = 0.0
    verify_mb: float = 0.0
    rebuild_mb: float = 0.0
    restart: float = 0.0


async def measure(many: int, folder: Path, say: Say, *, real: bool = False) -> State:
    """Make the state of ``many`` events and measure it, telling each step. Raises `bench.flow.contenders.Failed`."""
    found, at = State(many), monotonic()
    async with servers(folder, real=real) as place:
        await create_topics(place.kafka)
        redis: Redis = Redis.from_url(place.redis)
        client: Any = redis
        async with publisher(place.kafka, idempotent=place.real, redis=redis) as out:
            await pour_envelopes(out, many)
            say(f"{many} notices are on the broker after {monotonic() - at:.0f} s")
            async with worker(place) as started:
                await until(redis, layout.applied(layout.FIRST), many, started)
                await _noted(redis)
                say(f"their state is made after {monotonic() - at:.0f} s")
                found.used = (await client.info("memory"))["used_memory"] / many
                found.by = await memory(redis, many)
                say(f"Redis uses {found.used:,.0f} bytes an event")
                found.verify, found.verify_mb = await _command(place, "verify", "--window", "cumulative")
                say(f"verify took {found.verify:.1f} s, {found.verify_mb:,.0f} MB")
                found.rebuild, found.rebuild_mb = await _command(place, "rebuild", "--no-check")
                say(f"rebuild took {found.rebuild:.1f} s, {found.rebuild_mb:,.0f} MB")
            fresh = list(islice(notices(many + 1), many, None))
            await out.send_until_done(envelopes("flow-0", fresh), "state")
            seen, began = await redis.hlen(layout.NOTICES), monotonic()
            async with worker(place) as started:
                await until(redis, layout.NOTICES, seen + 1, started)
                found.restart = monotonic() - began
        await redis.aclose()
    return found


async def _noted(redis: Redis) -> None:
    """Return once the last series is told: what waits to be told is no state."""
    clock = SystemClock()
    while await redis.hlen(layout.untold(layout.FIRST)):
        await clock.sleep(0.1)


async def memory(redis: Redis, many: int) -> Counter[str]:
    """Bytes an event by kind of key, as MEMORY USAGE says with samples of 50."""
    found: Counter[str] = Counter()
    cursor = 0
    while True:
        cursor, keys = await redis.scan(cursor, count=1000)
        async with redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.memory_usage(key, samples=50)
            sizes = await pipe.execute()
        for key, size in zip(keys, sizes, strict=True):
            kind = _OWN.match(layout.text(key))
            found[kind.group(1) if kind else "other"] += size or 0
        if not cursor:
            break
    return Counter({kind: round(size / many) for kind, size in found.items()})


async def _command(place: Place, *arguments: str) -> tuple[float, float]:
    """Seconds and megabytes. Raises RuntimeError where it fails."""
    env = os.environ | {
        "MEDPULSE_KAFKA": place.kafka,
        "MEDPULSE_REDIS": place.redis,
        "MEDPULSE_HOME": str(place.folder / "command"),
        "MEDPULSE_IDEMPOTENT": str(place.real).lower(),
    }
    began = monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "medpulse",
        *arguments,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    watching = asyncio.create_task(_peak(process.pid))
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"medpulse {' '.join(arguments)} ended with {process.returncode}:\n{said.decode()[-1500:]}")
    return monotonic() - began, await watching


async def _peak(pid: int) -> float:
    """The most megabytes that a process had resident, as it was last seen before its end."""
    clock, most = SystemClock(), 0.0
    with suppress(OSError, IndexError):  # a process that has ended has no such line any more
        while True:
            most = peak_of(pid)
            await clock.sleep(0.05)
    return most


def lines(found: State) -> list[str]:
    """What was found, for people; pure."""
    kinds = [f"  {kind:36} {size:7,d} bytes an event" for kind, size in found.by.most_common(14) if size]
    return [
        f"{found.events} events: Redis uses {found.used:,.0f} bytes an event, of which",
        *kinds,
        f"verify (cumulative) {found.verify:.1f} s with {found.verify_mb:,.0f} MB, rebuild {found.rebuild:.1f} s with "
        f"{found.rebuild_mb:,.0f} MB, with the start of the command",
        f"restart after a kill to the first new notice passed on {found.restart:.1f} s",
    ]


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.state", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument(
        "--kafka", action="store_true", help="Apache Kafka and redis-server instead of the embedded servers"
    )
    asked = parser.parse_args()
    say = partial(print, file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="medpulse-state-") as folder:
        found = asyncio.run(measure(asked.events, Path(folder), say, real=asked.kafka))
    print("\n".join(lines(found)))


if __name__ == "__main__":
    main()
