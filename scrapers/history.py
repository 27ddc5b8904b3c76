"""When the items of a source appeared: what its rhythm is learned from. Kept beside what is remembered of its items.

A time is noted once for an item, when it was first seen. It may be noted twice without harm, so that no fence guards it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from redis.asyncio import Redis

from events.notice import Notice

MOST_TIMES = 5000
"""Times of one source that are kept, the newest."""

_LONGEST_GAP = timedelta(hours=12)
_PRECISE = frozenset({"minute", "second"})


class Histories(Protocol):
    """Where the times are kept. Any method may raise what its store raises."""

    async def note(self, source_id: str, times: Mapping[str, datetime]) -> None:
        """Keep when items appeared, by their keys; a time that is kept already stands. Aware."""
        ...

    async def times(self, source_id: str) -> list[datetime]:
        """When its items appeared, ascending, aware, in UTC."""
        ...


def appeared(notice: Notice, before: datetime | None, seen: datetime) -> datetime | None:
    """When an item appeared that a poll at ``seen`` shows for the first time; None where nothing useful is known.

    ``before`` is when the list was last read, None for a first reading, whose items are its past. The time that the item states
    counts where it states a minute and lies between the two polls: old items on new pages appear when they are seen. Else it
    appeared somewhere between the two, and the middle is the best guess unless they lie half a day apart.
    """
    said = notice.published_at if notice.published_precision in _PRECISE else None
    if before is None:
        return said if said is not None and said <= seen else None
    if said is not None and before <= said <= seen:
        return said
    return before + (seen - before) / 2 if seen - before <= _LONGEST_GAP else None


def all_appeared(notices: Iterable[Notice], before: datetime | None, seen: datetime) -> dict[str, datetime]:
    """Item key → when it appeared (`appeared`), for those of which it is known; withdrawals say nothing."""
    found = {n.item_key: appeared(n, before, seen) for n in notices if not n.retracted}
    return {key: at for key, at in found.items() if at is not None}


class MemoryHistories:
    """Keeps times for the life of the process."""

    def __init__(self) -> None:
        self._times: defaultdict[str, dict[str, datetime]] = defaultdict(dict)

    async def note(self, source_id: str, times: Mapping[str, datetime]) -> None:
        self._times[source_id] = {**times, **self._times[source_id]}

    async def times(self, source_id: str) -> list[datetime]:
        return sorted(self._times[source_id].values())[-MOST_TIMES:]


class RedisHistories:
    """Keeps times in Redis: a sorted set for each source, item key → seconds since 1970."""

    def __init__(self, redis: Redis) -> None:
        # redis-py's asyncio commands are typed as synchronous or asynchronous, whichever it is.
        self._redis: Any = redis

    async def note(self, source_id: str, times: Mapping[str, datetime]) -> None:
        if not times:
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(_key(source_id), {key: at.timestamp() for key, at in times.items()}, nx=True)
            pipe.zremrangebyrank(_key(source_id), 0, -MOST_TIMES - 1)
            await pipe.execute()

    async def times(self, source_id: str) -> list[datetime]:
        found = await self._redis.zrange(_key(source_id), 0, -1, withscores=True)
        return [datetime.fromtimestamp(score, UTC) for _, score in found]


def _key(source_id: str) -> str:
    return f"medpulse:scraper:{{{source_id}}}:times"
