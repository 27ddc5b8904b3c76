"""A worker under fire: real processes on a real broker, killed while they work."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from redis.asyncio import Redis

from events.event import EventBase
from events.kafka import publisher
from events.topics import EVENTS
from events.view import layout
from events.view.reader import View
from events.wire import record
from streams.rebuild.heal import whole
from streams.store import Store

LOOK_AGAIN = 0.1


def start_worker(
    bootstrap: str, redis_url: str, folder: Path, *, idempotent: bool, name: str = "w"
) -> subprocess.Popen[bytes]:
    """``medpulse run worker`` as its own process group, its output in ``folder/name.log``."""
    env = os.environ | {
        "MEDPULSE_KAFKA": bootstrap,
        "MEDPULSE_REDIS": redis_url,
        "MEDPULSE_HOME": str(folder / name),
        "MEDPULSE_IDEMPOTENT": str(idempotent).lower(),
    }
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "medpulse", "run", "worker"], env=env, stdout=log, stderr=log, start_new_session=True
        )


def kill(worker: subprocess.Popen[bytes]) -> None:
    """``kill -9`` and nothing else."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


async def applied(redis: Redis) -> int:
    """How many events the view remembers."""
    return int(await redis.hlen(layout.applied(layout.FIRST)))


async def until_applied(redis: Redis, least: int, seconds: float) -> None:
    """Return once at least so many events are applied. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while await applied(redis) < least:  # noqa: ASYNC110 (another process sets no event of ours)
            await asyncio.sleep(LOOK_AGAIN)


async def until_processed(redis: Redis, seconds: float) -> None:
    """Return once every event that was produced has been processed. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if (await View(redis).backlog())[layout.STREAMS, EVENTS.name] == 0:
                return
            await asyncio.sleep(LOOK_AGAIN)


async def until_whole(redis: Redis, seconds: float) -> None:
    """Return once a Redis that was emptied has been made whole. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await whole(redis):  # noqa: ASYNC110 (another process sets no event of ours)
            await asyncio.sleep(LOOK_AGAIN)


async def through_fire(
    bootstrap: str, redis: Redis, redis_url: str, events: Sequence[EventBase], folder: Path, *, idempotent: bool
) -> None:
    """Send the events, then all of them again in reverse order, and kill the worker in the middle of each half."""
    await Store(redis).load()
    async with publisher(bootstrap, idempotent=idempotent, redis=redis) as out:
        worker = start_worker(bootstrap, redis_url, folder, idempotent=idempotent)
        try:
            await out.send([record(event) for event in events])
            await until_applied(redis, 1, 90)
            kill(worker)
            await out.send([record(event) for event in reversed(events)])
            worker = start_worker(bootstrap, redis_url, folder, idempotent=idempotent)
            await until_processed(redis, 150)
        finally:
            kill(worker)
