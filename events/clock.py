"""Time: the one injected clock, and the civil day in Shanghai that every day bucket means."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def to_utc(at: datetime) -> datetime:
    """The same instant in UTC.

    Raises ValueError for a naive datetime, whose zone would be a guess, and for one that lies outside year 1 to 9999 there.
    """
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no zone; attach the zone of its source first")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the instant lies outside the years 1 to 9999 in UTC") from error


def shanghai_day(at: datetime) -> date:
    """The civil day in Asia/Shanghai of an aware instant: the bucket its contributions go to."""
    return to_utc(at).astimezone(SHANGHAI).date()


class Clock(Protocol):
    """What time it is, and how to wait for it. Every room takes one; none asks the operating system."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once ``seconds`` of this clock's time have passed."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class VirtualClock:
    """A clock that stands still until somebody moves it: the demo's time-lapse and the tests' fake clock.

    Sleepers wake in the order of their time, each seeing exactly the instant that it asked for, so that a run is the same
    every time however fast the machine is.
    """

    def __init__(self, start: datetime) -> None:
        self._now = to_utc(start)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._serial = itertools.count()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._serial), waiter))
        await waiter

    def next_wake(self) -> datetime | None:
        """When the earliest sleeper wants to wake; None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def advance_to(self, until: datetime, settle: int = 3) -> None:
        """Move to ``until`` (aware), waking each sleeper at its own time and letting it run ``settle`` loop turns.

        That covers work that waits for nothing but this clock; a sleeper that does real I/O must be waited for by the caller.
        """
        until = to_utc(until)
        for _ in range(settle):
            await asyncio.sleep(0)
        while (wake := self.next_wake()) is not None and wake <= until:
            _, _, waiter = heapq.heappop(self._sleepers)
            self._now = wake
            waiter.set_result(None)
            for _ in range(settle):
                await asyncio.sleep(0)
        self._now = max(self._now, until)


def monotonic() -> float:
    """Seconds of the machine's monotonic clock, for durations only; never a time of day."""
    return time.monotonic()
