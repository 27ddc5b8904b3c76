"""Reads of the view that `events.view.reader.View` does not offer: events up to a day, what was not taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from redis.asyncio import Redis

from board.held import Held, HeldView
from board.index.follow import Version
from board.insight import Insight, insight
from board.kept import Kept
from events.clock import SHANGHAI
from events.event import EVENT, EventBase
from events.messages import Delivery
from events.view import layout
from events.view.bodies import unpack
from events.view.reader import View

T = TypeVar("T")
STALE_SECONDS = 300.0
"""How old joined figures may be while they are worked out anew; an open page is told when they are."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The live view, and the Redis that it is in (``decode_responses=False``)."""

    redis: Redis
    view: View
    kept: Kept | None = None
    version: Version | None = None

    @classmethod
    def of(cls, redis: Redis, kept: Kept | None = None, held: Held | None = None) -> Reading:
        """A reading of the live view; with ``kept`` and ``held``, what is known of its version is not worked out again."""
        if held is None:
            return cls(redis, View(redis))
        return cls(redis, HeldView(redis, held), kept, held.index.latest)

    async def once(self, *key: object, work: Callable[[], Awaitable[T]], stale: float = 0.0) -> T:
        """What ``work`` gives, once for each version of the view. See `board.kept.Kept.get`."""
        if self.kept is None or self.version is None:
            return await work()
        return await self.kept.get(key, self.version, work, stale=stale)

    async def insight(self, as_of: date) -> Insight:
        """The funnel, the heat map and the distances as of a day; for `STALE_SECONDS` those of a moment ago may do."""
        return await self.once("insight", as_of, work=lambda: insight(self.view, as_of), stale=STALE_SECONDS)

    async def events_of(self, ids: Sequence[str]) -> list[EventBase]:
        """The events with these ids, in their order; those that are gone meanwhile left out."""
        if not ids:
            return []
        found = await self.redis.hmget(layout.events(await self.view.name()), list(ids))
        return [EVENT.validate_json(unpack(raw)) for raw in found if raw is not None]

    async def events_until(self, as_of: date, limit: int, offset: int = 0) -> list[EventBase]:
        """The latest events up to the end of a day in Asia/Shanghai, newest first. Undated ones count by detection."""
        key = layout.timeline(await self.view.name())
        later = await self.redis.zcount(key, _midnight_after(as_of), "+inf")
        return await self.view.events(limit=limit, offset=later + offset)

    async def count_until(self, as_of: date) -> int:
        """How many events stand up to the end of a day in Asia/Shanghai."""
        key = layout.timeline(await self.view.name())
        return int(await self.redis.zcount(key, "-inf", f"({_midnight_after(as_of)}"))

    async def names(self, entities: Iterable[str]) -> dict[str, str]:
        """Entity id → name, of those that are known."""
        wanted = list(entities)
        if not wanted:
            return {}
        found = await self.redis.hmget(layout.entities(await self.view.name()), wanted)
        return {one: layout.text(name) for one, name in zip(wanted, found, strict=True) if name is not None}

    async def deliveries(self, limit: int, offset: int = 0) -> list[Delivery]:
        """Deliveries, newest first."""
        found = await self.redis.zrevrange(layout.DELIVERIES, offset, offset + limit - 1)
        return [Delivery.model_validate_json(layout.text(raw)) for raw in found]

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
