"""A room as a child process: started on a leash, started again with growing waits when it dies, stopped in good order."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from events.clock import Clock, SystemClock, monotonic
from medpulse.embedded.process import GRACE, Leashed

log = structlog.get_logger()
BACKOFF = (0.5, 1.0, 2.0, 5.0, 15.0)
"""Seconds to wait before each further start; the last one repeats."""
STEADY = 30.0
"""A room that ran this many seconds had started well: the next death is its first again."""
MOST_DEATHS = 6
"""A room that dies this often without ever being steady is not going to run: say so instead of trying for ever."""
_SYSTEM = SystemClock()


class Child:
    """One Python room under supervision: ``python -m module arguments``, its output in ``home/logs/<name>.log``.

    ``env`` is added to our own environment. ``grace`` is how many seconds the room may take to drain when it is stopped.
    """

    def __init__(
        self,
        name: str,
        module: str,
        arguments: Sequence[str] = (),
        *,
        home: Path,
        env: Mapping[str, str] | None = None,
        grace: float = GRACE,
        clock: Clock = _SYSTEM,
    ) -> None:
        self.name = name
        self.restarts = 0
        self.log = home / "logs" / f"{name}.log"
        self._command = [sys.executable, "-m", module, *arguments]
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
        self._grace = grace
        self._clock = clock
        self._process: Leashed | None = None

    @property
    def pid(self) -> int | None:
        """The pid of its leash while it runs; on Linux ``kill -9`` of that kills the room."""
        return self._process.pid if self._process and self._process.exit_code is None else None

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the room running until ``stop`` is set, then end it and return.

        Raises `ServerFailed` if it dies `MOST_DEATHS` times without having run for `STEADY` seconds. Cancelled, it ends the
        room too.
        """
        deaths = 0
        while not stop.is_set():
            began = monotonic()
            code = await self._once(stop)
            if code is None:
                return
            deaths = 1 if monotonic() - began >= STEADY else deaths + 1
            if deaths >= MOST_DEATHS and self._process:
                raise self._process.failure(f"died {deaths} times in a row (last code {code})")
            wait = BACKOFF[min(deaths, len(BACKOFF)) - 1]
            log.warning("room.died", room=self.name, code=code, restart_in=wait, log=str(self.log))
            await _first(self._clock.sleep(wait), stop.wait())
            self.restarts += 1

    async def _once(self, stop: asyncio.Event) -> int | None:
        """Run the room until it ends by itself (its exit code) or is stopped (None)."""
        process = Leashed.start(self._command, name=self.name, log=self.log, env=self._env, grace=self._grace)
        self._process = process
        try:
            await _first(process.wait(), stop.wait())
            return None if stop.is_set() else process.exit_code
        finally:
            await asyncio.shield(asyncio.to_thread(process.stop))


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Return once the first of them is done; cancel the rest."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
