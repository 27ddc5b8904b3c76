"""The clock as the scrapers wait on it: it knows when everybody waits, so that a virtual clock can be moved on safely."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from events.clock import Clock

_TURNS = 3


class Pace:
    """A `Clock` that counts who works and who waits.

    A worker is whatever runs inside `working`; it waits while it sleeps on the clock or for its turn at a host. Work that is
    under way on the network or the broker is not waiting. With a real clock nobody asks, and counting costs nothing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._busy = 0
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        with self._waiting():
            await self._clock.sleep(seconds)

    @asynccontextmanager
    async def turn(self, lock: asyncio.Lock) -> AsyncIterator[None]:
        """Hold ``lock``; the time until it is free is waiting."""
        with self._waiting():
            await lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count what runs inside as one worker."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    async def settled(self) -> None:
        """Return once every worker waits: nothing more happens at this instant of the clock."""
        quiet = 0
        while quiet < _TURNS:
            if self._busy:
                quiet = 0
                self._changed.clear()
                await self._changed.wait()
            quiet += 1
            # A lock that was just released has woken its next holder, who counts itself only when it runs.
            await asyncio.sleep(0)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self._count(-1)
        try:
            yield
        finally:
            self._count(1)

    def _count(self, change: int) -> None:
        self._busy += change
        if not self._busy:
            self._changed.set()
