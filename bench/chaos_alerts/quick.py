"""A clock that runs fast, so that the waits between tries do not make a measurement last hours."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from events.clock import monotonic

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class QuickClock:
    """``speed`` seconds of this clock pass in one of the machine's. Every process that is given the same ``origin`` agrees."""

    def __init__(self, speed: float, origin: float) -> None:
        self._speed = speed
        self._origin = origin

    def now(self) -> datetime:
        return START + timedelta(seconds=(monotonic() - self._origin) * self._speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self._speed)
