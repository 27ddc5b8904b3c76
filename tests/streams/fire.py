"""A worker under fire: a real process on a real broker, killed while it works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from redis.asyncio import Redis

from events.clock import SystemClock, monotonic
from events.event import EventBase
from events.kafka import publisher
from events.topics import EVENTS
from events.view import layout
from events.view.reader import View
from events.wire import record
from medpulse.embedded.process import last_lines
from streams.store import Store

LOOK_AGAIN = 0.1
PATIENCE = 300.0
"""Seconds that a step may take. A start costs some seconds of a processor, of which a busy machine gives us a tenth."""
MOST_STARTS = 6


class NotInTime(AssertionError):
    """A worker did not come to a point within `PATIENCE`; the text has how its processes ended and the end of its log."""


class Worker:
    """``medpulse run worker`` in a process group of its own; started again, as by its supervisor, when it ends by itself."""

    def __init__(self, bootstrap: str, redis_url: str, folder: Path, *, idempotent: bool) -> None:
        self.env = os.environ | {
            "MEDPULSE_KAFKA": bootstrap,
            "MEDPULSE_REDIS": redis_url,
            "MEDPULSE_HOME": str(folder / "worker"),
            "MEDPULSE_IDEMPOTENT": str(idempotent).lower(),
            "MEDPULSE_LOG_LEVEL": "info",
            "PYTHONUNBUFFERED": "1",
        }
        self._log = folder / "worker.log"
        self._ends: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "medpulse", "run", "worker"],
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """``kill -9`` and nothing else."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    async def until(self, what: str, come: Callable[[], Awaitable[bool]]) -> None:
        """Return once ``come`` says so. Raises `NotInTime`."""
        clock, deadline = SystemClock(), monotonic() + PATIENCE
        while not await come():
            code = self._process.poll() if self._process is not None else None
            if code is not None:
                self._ends.append(code)
            if monotonic() > deadline or len(self._ends) >= MOST_STARTS:
                raise NotInTime(
                    f"not within {PATIENCE:.0f} s: {what}; ended by itself with {self._ends}; its log:\n"
                    + last_lines(self._log, 60)
                )
            if code is not None:
                self.start()
            await clock.sleep(LOOK_AGAIN)


async def through_fire(
    bootstrap: str, redis: Redis, redis_url: str, events: Sequence[EventBase], folder: Path, *, idempotent: bool
) -> None:
    """Send the events, then all of them again in reverse order, and kill the worker in the middle of each half."""

    async def begun() -> bool:
        return int(await redis.hlen(layout.applied(layout.FIRST))) > 0

    async def processed() -> bool:
        return (await View(redis).backlog())[layout.STREAMS, EVENTS.name] == 0

    await Store(redis).load()
    async with publisher(bootstrap, idempotent=idempotent, redis=redis) as out:
        with Worker(bootstrap, redis_url, folder, idempotent=idempotent) as worker:
            await out.send([record(event) for event in events])
            await worker.until("the first event is applied", begun)
            worker.kill()
            await out.send([record(event) for event in reversed(events)])
            worker.start()
            await worker.until("every event is processed", processed)
