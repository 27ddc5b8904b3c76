"""Where a backfill is. Written after the broker has acknowledged what a page said: a kill repeats a page and skips none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis

from events.base import UtcDatetime
from events.notice import Notice
from scrapers.page import Request
from scrapers.source import Source

_ENOUGH = 2


class Cursor(BaseModel):
    """A place in the history of a source, from ``last`` back to ``first`` (civil days in its zone, both included).

    ``part`` numbers the requests of `Historical.history`, or is 0; ``next`` is the page of that part to be read next, None for
    its own first one. ``pages``, ``items`` (in the span) and ``published`` count what was read, over all runs; ``oldest`` is
    the oldest day in the span that was met; ``before`` counts pages in a row that hold nothing but older items.
    """

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    started: UtcDatetime
    part: int = 0
    next: Request | None = None
    pages: int = 0
    items: int = 0
    published: int = 0
    oldest: date | None = None
    before: int = 0
    done: bool = False

    @property
    def fraction(self) -> float:
        """How much of the span lies behind, by the days that were met; an estimate, from 0 to 1."""
        if self.done:
            return 1.0
        if self.oldest is None:
            return 0.0
        return (self.last - self.oldest).days / ((self.last - self.first).days + 1)

    def spans(self, day: date | None) -> bool:
        """Whether an item of that day belongs to the span; one that its list does not date is taken."""
        return day is None or self.first <= day <= self.last


def day_of(source: Source, notice: Notice) -> date | None:
    """The civil day of an item in the zone of its source, None where its list does not date it."""
    return notice.published_at.astimezone(source.zone).date() if notice.published_at else None


def after(
    cursor: Cursor,
    following: Request | None,
    days: Sequence[date],
    items: int,
    published: int,
    *,
    other_list: bool = False,
) -> Cursor:
    """The cursor after a page whose items bear these days: at what follows, or at the next part once nothing of the span can.

    Two pages in a row of one list must be wholly older than the span: items that a site pins to the top of a list are old.
    ``other_list`` says that what follows is another list. Pure.
    """
    met = [day for day in days if cursor.first <= day <= cursor.last]
    before = cursor.before + 1 if days and max(days) < cursor.first and not other_list else 0
    here = cursor.model_copy(
        update={
            "pages": cursor.pages + 1,
            "items": cursor.items + items,
            "published": cursor.published + published,
            "oldest": min([*met, *([cursor.oldest] if cursor.oldest else [])], default=None),
            "before": before,
            "next": following,
        }
    )
    return next_part(here) if following is None or before >= _ENOUGH else here


def next_part(cursor: Cursor) -> Cursor:
    """The cursor at the beginning of the next part."""
    return cursor.model_copy(update={"part": cursor.part + 1, "next": None, "before": 0})


class Cursors(Protocol):
    """Remembers cursors. Any method may raise what its store raises."""

    async def load(self, source_id: str) -> Cursor | None:
        """The cursor of a source; None where there is none, or none that can be read."""
        ...

    async def save(self, source_id: str, cursor: Cursor) -> None:
        """Replace the cursor of a source."""
        ...


class RedisCursors:
    """Cursors in Redis, beside what else is remembered of their sources."""

    def __init__(self, redis: Redis) -> None:
        # redis-py's asyncio commands are typed as synchronous or asynchronous, whichever it is.
        self._redis: Any = redis

    async def load(self, source_id: str) -> Cursor | None:
        try:
            return Cursor.model_validate_json(await self._redis.get(_key(source_id)) or b"")
        except ValidationError:
            return None

    async def save(self, source_id: str, cursor: Cursor) -> None:
        await self._redis.set(_key(source_id), cursor.model_dump_json())

    async def forget(self, source_id: str) -> None:
        """Forget the cursor of a source: the next backfill begins anew."""
        await self._redis.delete(_key(source_id))


def _key(source_id: str) -> str:
    return f"medpulse:scraper:{{{source_id}}}:backfill"
