"""Reads of the view that `events.view.reader.View` does not offer: histories, events up to a day, what was not taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from redis.asyncio import Redis

from events.clock import SHANGHAI
from events.event import EventBase
from events.view import layout
from events.view.catalog import metric
from events.view.reader import View
from events.view.series import dim_key, read, window


@dataclass(frozen=True, slots=True)
class Reading:
    """The live view, and the Redis that it is in (``decode_responses=False``)."""

    redis: Redis
    view: View

    @classmethod
    def of(cls, redis: Redis) -> Reading:
        return cls(redis, View(redis))

    async def history(self, name: str, days: Sequence[date], dims: Mapping[str, str] | None = None) -> list[int]:
        """The cumulative value at the end of each of the days, for the cost of one read. Raises `UnknownMetric`."""
        key = layout.series(await self.view.name(), name, dim_key(dims or {}))
        fields = {layout.text(field): int(amount) for field, amount in (await self.redis.hgetall(key)).items()}
        return [read(metric(name).measure, fields, window("cumulative", day)) for day in days]

    async def events_until(self, as_of: date, limit: int, offset: int = 0) -> list[EventBase]:
        """The latest events up to the end of a day in Asia/Shanghai, newest first. Undated ones count by detection."""
        key = layout.timeline(await self.view.name())
        later = await self.redis.zcount(key, _midnight_after(as_of), "+inf")
        return await self.view.events(limit=limit, offset=later + offset)

    async def count_until(self, as_of: date) -> int:
        """How many events stand up to the end of a day in Asia/Shanghai."""
        key = layout.timeline(await self.view.name())
        return int(await self.redis.zcount(key, "-inf", f"({_midnight_after(as_of)}"))

    async def dead_letters(self) -> dict[str, int]:
        """Stage → dead letters since the view was made."""
        found = await self.redis.hgetall(layout.DEAD)
        return {layout.text(stage): int(count) for stage, count in sorted(found.items())}

    async def count_deliveries(self) -> int:
        """How many deliveries are in the ledger."""
        return int(await self.redis.zcard(layout.DELIVERIES))

    async def promised(self) -> bool:
        """Whether readers have been pointed to a view by name: it is a fault if that one holds nothing."""
        return bool(await self.redis.exists(layout.LIVE))


def _midnight_after(day: date) -> float:
    return datetime.combine(day + timedelta(days=1), time.min, SHANGHAI).timestamp()
