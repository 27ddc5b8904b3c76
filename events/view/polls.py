"""The polls of each source in the order in which they ended: a list of Redis, bounded, for "healthy since when?"."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from events.messages import SourceHealth
from events.view import layout
from events.wire import encode

KEPT = 300


async def remember(redis: Redis, polls: Sequence[SourceHealth]) -> None:
    """Add polls, of any sources, in the order in which they ended. One that is repeated after a kill is there once."""
    async with redis.pipeline(transaction=False) as pipe:
        for poll in polls:
            key, body = layout.polls(poll.source_id), encode(poll).decode()
            pipe.lrem(key, 1, body)
            pipe.lpush(key, body)
            pipe.ltrim(key, 0, KEPT - 1)
        await pipe.execute()


async def history(redis: Redis, source_ids: Sequence[str], limit: int = KEPT) -> dict[str, list[SourceHealth]]:
    """Source id → its last polls, the newest first."""
    async with redis.pipeline(transaction=False) as pipe:
        for source_id in source_ids:
            pipe.lrange(layout.polls(source_id), 0, limit - 1)
        found = await pipe.execute()
    return {
        source_id: [SourceHealth.model_validate_json(raw) for raw in polls]
        for source_id, polls in zip(source_ids, found, strict=True)
    }
