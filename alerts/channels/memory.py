"""What a channel has to remember between messages, across restarts: where a thread began, how far a split message came."""

from __future__ import annotations

from typing import Protocol

from redis.asyncio import Redis

from events.view import layout

KEPT_SECONDS = 30 * 24 * 3600
"""An update that comes later than this begins a thread of its own."""


class Memory(Protocol):
    """Short texts by key. Forgetting one costs a thread that begins anew, never a message."""

    async def recall(self, key: str) -> str | None:
        """What was remembered, or None."""
        ...

    async def remember(self, key: str, value: str) -> None:
        """Keep it for `KEPT_SECONDS`."""
        ...


class RedisMemory:
    """One receiver's texts, each a key of its own in Redis that expires by itself."""

    def __init__(self, redis: Redis, receiver: str) -> None:
        self._redis = redis
        self._prefix = f"medpulse:channel:{receiver}:"

    async def recall(self, key: str) -> str | None:
        raw = await self._redis.get(self._prefix + key)
        return None if raw is None else layout.text(raw)

    async def remember(self, key: str, value: str) -> None:
        await self._redis.set(self._prefix + key, value, ex=KEPT_SECONDS)


class ShortMemory:
    """For as long as the process lives: commands that send once, and tests."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def recall(self, key: str) -> str | None:
        return self._kept.get(key)

    async def remember(self, key: str, value: str) -> None:
        self._kept[key] = value
