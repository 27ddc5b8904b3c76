"""Whether anything that the board shows has changed: one look at Redis for all the pages that are open."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from board.index.follow import Index
from board.kept import Kept
from events.clock import monotonic
from events.ids import digest
from events.view import layout


class Watch:
    """The stamp of what can be seen: another one means that something has changed."""

    def __init__(self, redis: Redis, index: Index, kept: Kept, seconds: float) -> None:
        self._redis, self._index, self._kept, self._seconds = redis, index, kept, seconds
        self._last, self._at = "", float("-inf")
        self._lock = asyncio.Lock()

    async def stamp(self, day: str) -> str:
        """The stamp of now on a day, or one that is younger than half of ``seconds``. Raises RedisError."""
        async with self._lock:
            if monotonic() - self._at > self._seconds / 2:
                version = await self._index.fresh()
                parts = (version.view, str(version.serial), str(self._kept.replaced))
                self._last, self._at = digest(*parts, *await _running(self._redis)), monotonic()
            return digest(day, self._last)


async def _running(redis: Redis) -> list[bytes]:
    """What is not of the view: the sources, the last delivery, alerts, silences and acknowledgements."""
    async with redis.pipeline(transaction=False) as pipe:
        pipe.hgetall(layout.HEALTH)
        pipe.zrevrange(layout.DELIVERIES, 0, 0)
        pipe.zcard(layout.RAISED)
        pipe.zrevrange(layout.STANDING, 0, -1)
        pipe.hgetall(layout.SILENCES)
        pipe.hlen(layout.ACKS)
        found = await pipe.execute()
    return [repr(one).encode() for one in found]
