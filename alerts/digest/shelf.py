"""Digests in Redis: what was composed, until it is sent; what was told last; and which period comes next.

``medpulse:digest:ID`` is a string, the `Digest` as JSON. ``medpulse:digests:done`` is a hash, ``receiver|period`` → the last
day that was covered. ``medpulse:digests:told`` is a hash, ``receiver|period`` → the figures that were told, as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import orjson
from redis.asyncio import Redis

from alerts.digest.content import Digest, Period
from events.view import layout

KEPT_SECONDS = 8 * 24 * 3600
DONE = "medpulse:digests:done"
TOLD = "medpulse:digests:told"


class Shelf:
    """The digests of every receiver."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, digest_id: str) -> Digest | None:
        """A composed digest, or None for one that is no longer kept."""
        raw = await self._redis.get(_key(digest_id))
        return None if raw is None else Digest.model_validate_json(raw)

    async def put(self, digest: Digest) -> None:
        """Keep it for `KEPT_SECONDS`. One that is there already stays: it may have been sent."""
        await self._redis.set(_key(digest.id), digest.model_dump_json(), ex=KEPT_SECONDS, nx=True)

    async def done(self, receiver: str, period: Period) -> date | None:
        """The last day that a receiver's digests cover; None where there was none yet."""
        raw = await self._redis.hget(DONE, f"{receiver}|{period}")
        return None if raw is None else date.fromisoformat(layout.text(raw))

    async def told(self, receiver: str, period: Period) -> dict[str, int]:
        """Key figure → what the last digest said; empty where there was none yet."""
        raw = await self._redis.hget(TOLD, f"{receiver}|{period}")
        return {} if raw is None else {str(key): int(n) for key, n in orjson.loads(raw).items()}

    async def begin(self, receiver: str, period: Period, end: date) -> None:
        """Note where a receiver's digests begin, if nothing is noted yet: the past is not told to who has just come."""
        await self._redis.hsetnx(DONE, f"{receiver}|{period}", end.isoformat())

    async def finish(self, receiver: str, period: Period, end: date, figures: Mapping[str, int]) -> None:
        """Note that the days up to ``end`` are covered, and with which figures: one transaction."""
        field = f"{receiver}|{period}"
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(DONE, field, end.isoformat())
            pipe.hset(TOLD, field, orjson.dumps(dict(figures)))
            await pipe.execute()


def _key(digest_id: str) -> str:
    return f"medpulse:digest:{digest_id}"
