"""What the scrapers remember between polls. Written only after the broker has acknowledged what was published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from redis.asyncio import Redis

from events.messages import SourceHealth
from scrapers.answer import Validators
from scrapers.page import Request


class PageMemory(BaseModel):
    """A list as it was when all of its items were done. An empty ``digest`` means that some were not: read it again."""

    model_config = ConfigDict(frozen=True)

    url: str = ""
    validators: Validators = Validators()
    digest: str = ""
    next: Request | None = None


class Resume(BaseModel):
    """Where going through older pages was cut short: the next request, and how many pages may still follow."""

    model_config = ConfigDict(frozen=True)

    request: Request
    owed: int


class Memory(BaseModel):
    """What is remembered of a source beside its items.

    ``begun`` is set once a list of it was read. ``pages`` holds its lists by their place: ``first``, then by URL. ``resume``
    holds the gaps among older pages, the newest first.
    """

    model_config = ConfigDict(frozen=True)

    begun: bool = False
    pages: dict[str, PageMemory] = Field(default_factory=dict)
    resume: tuple[Resume, ...] = ()
    health: SourceHealth | None = None


class Seen(Protocol):
    """The scrapers' memory. Any method may raise what its store raises."""

    async def known(self, source_id: str, keys: Sequence[str]) -> dict[str, str]:
        """Item key → content hash of its list row when it was last published, for those of ``keys`` that were."""
        ...

    async def mark(self, source_id: str, hashes: Mapping[str, str]) -> None:
        """Remember items as published, and forget how often they were tried."""
        ...

    async def tries(self, source_id: str, keys: Sequence[str]) -> dict[str, int]:
        """Item key → how often its own page could not be read, for those of ``keys`` for which it happened."""
        ...

    async def tried(self, source_id: str, keys: Iterable[str]) -> None:
        """Count one more failed try for each item."""
        ...

    async def memory(self, source_id: str) -> Memory:
        """What is remembered of a source; an empty memory at first."""
        ...

    async def remember(self, source_id: str, memory: Memory) -> None:
        """Replace what is remembered of a source."""
        ...


class MemorySeen:
    """Remembers for the life of the process: a dry poll from the command line."""

    def __init__(self) -> None:
        self._items: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._tries: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._memories: dict[str, Memory] = {}

    async def known(self, source_id: str, keys: Sequence[str]) -> dict[str, str]:
        items = self._items[source_id]
        return {key: items[key] for key in keys if key in items}

    async def mark(self, source_id: str, hashes: Mapping[str, str]) -> None:
        self._items[source_id].update(hashes)
        for key in hashes:
            self._tries[source_id].pop(key, None)

    async def tries(self, source_id: str, keys: Sequence[str]) -> dict[str, int]:
        tries = self._tries[source_id]
        return {key: tries[key] for key in keys if key in tries}

    async def tried(self, source_id: str, keys: Iterable[str]) -> None:
        for key in keys:
            self._tries[source_id][key] = self._tries[source_id].get(key, 0) + 1

    async def memory(self, source_id: str) -> Memory:
        return self._memories.get(source_id, Memory())

    async def remember(self, source_id: str, memory: Memory) -> None:
        self._memories[source_id] = memory


class RedisSeen:
    """Remembers in Redis; the keys of one source share a hash tag. ``redis`` does not decode responses."""

    def __init__(self, redis: Redis) -> None:
        # redis-py's asyncio commands are typed as synchronous or asynchronous, whichever it is.
        self._redis: Any = redis

    async def known(self, source_id: str, keys: Sequence[str]) -> dict[str, str]:
        return {key: value.decode() for key, value in (await self._read(_key(source_id, "seen"), keys)).items()}

    async def mark(self, source_id: str, hashes: Mapping[str, str]) -> None:
        if not hashes:
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(source_id, "seen"), mapping=dict(hashes))
            pipe.hdel(_key(source_id, "tries"), *hashes)
            await pipe.execute()

    async def tries(self, source_id: str, keys: Sequence[str]) -> dict[str, int]:
        return {key: int(value) for key, value in (await self._read(_key(source_id, "tries"), keys)).items()}

    async def tried(self, source_id: str, keys: Iterable[str]) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            for key in keys:
                pipe.hincrby(_key(source_id, "tries"), key, 1)
            await pipe.execute()

    async def memory(self, source_id: str) -> Memory:
        """A memory that another version wrote and that cannot be read is an empty one: the lists are read again."""
        try:
            return Memory.model_validate_json(await self._redis.get(_key(source_id, "memory")) or b"{}")
        except ValidationError:
            return Memory()

    async def remember(self, source_id: str, memory: Memory) -> None:
        await self._redis.set(_key(source_id, "memory"), memory.model_dump_json())

    async def _read(self, name: str, keys: Sequence[str]) -> dict[str, bytes]:
        if not keys:
            return {}
        values: list[bytes | None] = await self._redis.hmget(name, list(keys))
        return {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def _key(source_id: str, what: str) -> str:
    return f"medpulse:scraper:{{{source_id}}}:{what}"
