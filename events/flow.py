"""How far each topic was written and read, noted in Redis: lag without asking the broker.

Tansu's ``ListOffsets`` misstates the end of a log (ENGINE.md), so producers note what the broker acknowledged and readers what
they have processed. It is bookkeeping: a Redis that is away costs a warning, never a message. The agents alone insist on their
notes, for a worker whose last note is missing would look stuck to its watchdog.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog
from redis.asyncio import Redis

from events.away import is_away
from events.view import layout

log = structlog.get_logger()
Position = tuple[str, int, int]
"""Topic, partition, offset."""


async def note_produced(redis: Redis, written: Iterable[Position]) -> None:
    """Note the ends of the partitions that were written."""
    await _note(redis, {layout.produced(topic): ends for topic, ends in _ends(written).items()})


class ProducedNotes:
    """Notes of one producer, one write at a time: what is to be noted meanwhile is noted together, by the next."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._writing = asyncio.Lock()
        self._open: list[Position] = []

    async def note(self, written: Iterable[Position]) -> None:
        """Note the ends of the partitions that were written; returns once they are."""
        self._open += written
        async with self._writing:
            noting, self._open = self._open, []
            try:
                if noting:
                    await note_produced(self._redis, noting)
            except BaseException:  # whoever waits for this write will do it
                self._open += noting
                raise


async def note_processed(redis: Redis, group: str, read: Iterable[Position]) -> None:
    """Note how far a consumer group has come."""
    await _note(redis, {layout.processed(group, topic): ends for topic, ends in _ends(read).items()})


async def mark_processed(redis: Redis, group: str, read: Iterable[Position]) -> None:
    """The same for those who judge by the notes, as the watchdog does: a note that is missing must be written again.

    Raises RedisError, OSError.
    """
    await _write(redis, {layout.processed(group, topic): ends for topic, ends in _ends(read).items()})


async def forget(redis: Redis) -> None:
    """Forget all notes: offsets start again where the broker is new (the embedded one keeps topics in memory only)."""
    keys = [layout.produced(topic) for _, topic in layout.FLOW]
    keys += [layout.processed(group, topic) for group, topic in layout.FLOW]
    await redis.delete(*keys)


def _ends(positions: Iterable[Position]) -> dict[str, dict[str, int]]:
    ends: dict[str, dict[str, int]] = {}
    for topic, partition, offset in positions:
        partitions = ends.setdefault(topic, {})
        partitions[str(partition)] = max(partitions.get(str(partition), 0), offset + 1)
    return ends


async def _note(redis: Redis, notes: dict[str, dict[str, int]]) -> None:
    try:
        await _write(redis, notes)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("flow.not_noted", error=repr(error))


async def _write(redis: Redis, notes: dict[str, dict[str, int]]) -> None:
    for key, ends in notes.items():
        # GT: two writers may arrive in either order, and a redelivery is behind what was noted.
        await redis.zadd(key, dict(ends.items()), gt=True)
