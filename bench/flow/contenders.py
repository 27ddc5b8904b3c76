"""Running the contenders: a peer until it prints its cost, the worker until its view has everything."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson
from redis.asyncio import Redis

from bench.flow.cost import Cost, cpu_of, peak_of
from bench.flow.servers import Place
from events.clock import SystemClock, monotonic
from events.view import layout
from medpulse.embedded.process import Leashed

PEERS = Path(sys.prefix) / "peers" / "bin" / "python"
"""Peers have an environment of their own (`make .venv/bench`): quixstreams wants an older pydantic than ours."""
LOOK_SECONDS = 0.01
PATIENCE = 900.0
WAKE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do it. ``module`` is under `bench.flow.peers`; empty for the worker itself."""

    key: str
    name: str
    module: str
    foreign: bool = False

    @property
    def python(self) -> str:
        return str(PEERS) if self.foreign else sys.executable


CONTENDERS = (
    Contender("a", "aiokafka getmany + orjson, nothing done", "raw"),
    Contender("t", "medpulse's agent, pure functions taken out", "transport"),
    Contender("b", "medpulse: dedupe, enrich, aggregate, Redis", ""),
    Contender("c", "plain Faust: Record, Table, a call each", "plain_faust"),
    Contender("d", "quixstreams: state, a call each", "quix", foreign=True),
    Contender("e", "confluent-kafka in batches, same functions", "confluent", foreign=True),
)


class Failed(RuntimeError):
    """A contender did not come to its end; the text ends with what it said."""


async def peer(contender: Contender, place: Place, many: int) -> Cost:
    """The cost that a peer prints. Raises `Failed`."""
    arguments = ["-m", f"bench.flow.peers.{contender.module}", place.kafka, place.redis, str(many)]
    log = place.folder / f"{contender.module}.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            contender.python, *arguments, stdout=asyncio.subprocess.PIPE, stderr=errors
        )
        try:
            async with asyncio.timeout(PATIENCE):
                told, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    # Faust writes an escape sequence before it
    lines = [line[line.index(b"{") :] for line in told.splitlines() if b'{"events"' in line]
    if not lines:
        said = log.read_text(errors="replace")[-2000:]
        raise Failed(f"{contender.name} ended with {process.returncode} and no figures:\n{said}")
    return Cost(**orjson.loads(lines[-1]))


@asynccontextmanager
async def worker(place: Place, home: str = "worker", level: str = "warning") -> AsyncIterator[Leashed]:
    """``medpulse run worker`` on the servers, killed at the end."""
    env = os.environ | {
        "MEDPULSE_KAFKA": place.kafka,
        "MEDPULSE_REDIS": place.redis,
        "MEDPULSE_HOME": str(place.folder / home),
        "MEDPULSE_LOG_LEVEL": level,
        "MEDPULSE_IDEMPOTENT": str(place.real).lower(),
    }
    command = [sys.executable, "-m", "medpulse", "run", "worker"]
    started = Leashed.start(command, name="worker", log=place.folder / f"{home}.log", env=env)
    try:
        yield started
    finally:
        await asyncio.to_thread(started.kill)


def child(leash: int) -> int:
    """The pid of what is on a leash."""
    return int(Path(f"/proc/{leash}/task/{leash}/children").read_text().split()[0])


async def whole_path(place: Place, redis: Redis, many: int) -> Cost:
    """The real worker from its first envelopes to the last event in the view; the envelopes are on the topic already.

    The clock starts when it asks Redis what it knows of the first notices: what it has read until then is half a megabyte.
    """
    client: Any = redis
    await client.config_resetstat()
    async with worker(place) as started:
        await asked(redis, started)
        pid = child(started.pid)
        began, cpu = monotonic(), cpu_of(pid)
        await until(redis, layout.applied(layout.FIRST), many, started)
        return Cost(many, monotonic() - began, cpu_of(pid) - cpu, peak_of(pid))


async def asked(redis: Redis, started: Leashed) -> None:
    """Return once the worker has begun. Raises `Failed` if it ends or patience runs out."""
    clock, deadline, client = SystemClock(), monotonic() + PATIENCE, cast("Any", redis)
    while "cmdstat_hmget" not in await client.info("commandstats"):
        if started.exit_code is not None:
            raise started.failure("ended")
        if monotonic() > deadline:
            raise Failed(f"the worker has read nothing after {PATIENCE:.0f} s")
        await clock.sleep(LOOK_SECONDS)


async def until(redis: Redis, key: str, many: int, started: Leashed) -> None:
    """Return once a hash has so many fields. Raises `Failed` if the worker ends, or nothing is added while patience lasts."""
    clock, deadline, held = SystemClock(), monotonic() + PATIENCE, 0
    while (known := await redis.hlen(key)) < many:
        if started.exit_code is not None:
            raise started.failure("ended")
        if known > held:
            held, deadline = known, monotonic() + PATIENCE
        if monotonic() > deadline:
            raise Failed(f"{key} stays at {known} of {many} for {PATIENCE:.0f} s")
        await clock.sleep(LOOK_SECONDS)
