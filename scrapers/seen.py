"""What the scrapers remember between polls. Written only after the broker has acknowledged what was published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

import orjson
from pydantic import ValidationError
from redis.asyncio import Redis

from events.wire import encode
from scrapers.memory import Memory, PageMemory, Resume

__all__ = ["Fenced", "Memory", "MemorySeen", "PageMemory", "RedisSeen", "Resume", "Seen"]

_MANY = 1000
T = TypeVar("T")


class Fenced(Exception):
    """A write was refused: since the poll began another process has taken over its host. The text names the source."""


class Seen(Protocol):
    """The scrapers' memory. Any method may raise what its store raises; those that write may raise `Fenced`."""

    async def hold(self, source_ids: Iterable[str], token: int) -> None:
        """Write to these sources with a fencing token from now on, and raise their fences, so that older ones are refused.

        Raises `Fenced` where a higher one has already written.
        """
        ...

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

    async def kept(self, source_id: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Item key → its notice as it was last published (`scrapers.recent.pack`), for those of ``keys`` that are kept."""
        ...

    async def keep(self, source_id: str, packed: Mapping[str, bytes], drop: Iterable[str]) -> None:
        """Keep notices, and forget those of ``drop``."""
        ...


class MemorySeen:
    """Remembers for the life of the process: a dry poll from the command line."""

    def __init__(self) -> None:
        self._items: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._tries: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._kept: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        self._memories: dict[str, Memory] = {}

    async def hold(self, source_ids: Iterable[str], token: int) -> None:
        """Nobody else has this memory."""

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

    async def kept(self, source_id: str, keys: Sequence[str]) -> dict[str, bytes]:
        kept = self._kept[source_id]
        return {key: kept[key] for key in keys if key in kept}

    async def keep(self, source_id: str, packed: Mapping[str, bytes], drop: Iterable[str]) -> None:
        self._kept[source_id].update(packed)
        for key in drop:
            self._kept[source_id].pop(key, None)


_WRITE = """
local token = tonumber(ARGV[1])
if token > 0 then
  if token < tonumber(redis.call('GET', KEYS[1]) or '0') then return 0 end
  redis.call('SET', KEYS[1], ARGV[1])
end
for _, command in ipairs(cjson.decode(ARGV[2])) do
  local call = {command[1], KEYS[tonumber(command[2])]}
  for at = 3, #command do call[at] = ARGV[tonumber(command[at])] end
  redis.call(unpack(call))
end
return 1
"""
"""KEYS[1] is the fence of the source: the highest token that wrote to it. A lower one is refused, and nothing is written.

ARGV[2] is JSON: commands, each a name, the number of its key, and the numbers of its arguments, which follow as they are.
"""


_LOOK = """
local hashes = {}
if #ARGV > 0 then hashes = redis.call('HMGET', KEYS[2], unpack(ARGV)) end
return {redis.call('GET', KEYS[1]), hashes}
"""
"""The memory of a source, and what is marked as seen for the items ARGV."""


class RedisSeen:
    """Remembers in Redis; the keys of one source share a hash tag. ``redis`` does not decode responses.

    A source that was `hold` for is written to only as long as no higher token has written: see `scrapers.lease`.

    A list mostly holds what it held: what is marked for the items that were asked for after the last `memory` of a source comes
    with the next one, and answers the first `known` after it. So a poll asks once and writes once.
    """

    def __init__(self, redis: Redis) -> None:
        # redis-py's asyncio commands are typed as synchronous or asynchronous, whichever it is.
        self._redis: Any = redis
        self._write_script = redis.register_script(_WRITE)
        self._look_script = redis.register_script(_LOOK)
        self._tokens: dict[str, int] = {}
        self._usual: dict[str, Sequence[str]] = {}
        self._ahead: dict[str, dict[str, bytes | None]] = {}

    async def hold(self, source_ids: Iterable[str], token: int) -> None:
        for source_id in source_ids:
            self._tokens[source_id] = token
            await self._write(source_id, [])

    async def known(self, source_id: str, keys: Sequence[str]) -> dict[str, str]:
        ahead = self._ahead.pop(source_id, None)
        if ahead is None:
            ahead = {}
        else:
            self._usual[source_id] = keys[:_MANY]
        found = {key: value for key in keys if (value := ahead.get(key)) is not None}
        for some in _some(key for key in keys if key not in ahead):
            found |= await self._read(_key(source_id, "seen"), some)
        return {key: value.decode() for key, value in found.items()}

    async def mark(self, source_id: str, hashes: Mapping[str, str]) -> None:
        self._ahead.pop(source_id, None)
        for some in _some(hashes.items()):
            pairs = [text for pair in some for text in pair]
            await self._write(source_id, [("HSET", "seen", pairs), ("HDEL", "tries", [key for key, _ in some])])

    async def tries(self, source_id: str, keys: Sequence[str]) -> dict[str, int]:
        return {key: int(value) for key, value in (await self._read(_key(source_id, "tries"), keys)).items()}

    async def tried(self, source_id: str, keys: Iterable[str]) -> None:
        await self._write(source_id, [("HINCRBY", "tries", [key, "1"]) for key in keys])

    async def memory(self, source_id: str) -> Memory:
        """A memory that another version wrote and that cannot be read is an empty one: the lists are read again."""
        usual = self._usual.pop(source_id, ())
        names = [_key(source_id, name) for name in ("memory", "seen")]
        memory, hashes = await self._look_script(keys=names, args=usual)
        self._ahead[source_id] = dict(zip(usual, hashes, strict=True))
        try:
            return Memory.model_validate_json(memory or b"{}")
        except ValidationError:
            return Memory()

    async def remember(self, source_id: str, memory: Memory) -> None:
        written = encode(memory, orjson.OPT_NON_STR_KEYS)  # what is expected of a list is kept by its days
        await self._write(source_id, [("SET", "memory", [written])])

    async def kept(self, source_id: str, keys: Sequence[str]) -> dict[str, bytes]:
        return await self._read(_key(source_id, "kept"), keys)

    async def keep(self, source_id: str, packed: Mapping[str, bytes], drop: Iterable[str]) -> None:
        for some in _some(packed.items()):
            await self._write(source_id, [("HSET", "kept", [part for pair in some for part in pair])])
        for gone in _some(drop):
            await self._write(source_id, [("HDEL", "kept", gone)])

    async def _read(self, name: str, keys: Sequence[str]) -> dict[str, bytes]:
        if not keys:
            return {}
        values: list[bytes | None] = await self._redis.hmget(name, list(keys))
        return {key: value for key, value in zip(keys, values, strict=True) if value is not None}

    async def _write(self, source_id: str, commands: Sequence[tuple[str, str, Sequence[str | bytes]]]) -> None:
        """Do the commands (name, what it writes to, arguments) in one step. Raises `Fenced`, and nothing is done."""
        names = ["fence", *dict.fromkeys(what for _, what, _ in commands)]
        values: list[str | bytes] = []
        calls: list[list[object]] = []
        for command, what, arguments in commands:
            first = len(values) + 3
            values.extend(arguments)
            calls.append([command, names.index(what) + 1, *range(first, first + len(arguments))])
        said = [str(self._tokens.get(source_id, 0)), orjson.dumps(calls), *values]
        if not await self._write_script(keys=[_key(source_id, name) for name in names], args=said):
            raise Fenced(f"another process has taken over the host of {source_id}: nothing was written")


def _some(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists of `_MANY`: a script takes no more arguments than fit on Lua's stack."""
    rest = iter(values)
    while some := list(islice(rest, _MANY)):
        yield some


def _key(source_id: str, what: str) -> str:
    return f"medpulse:scraper:{{{source_id}}}:{what}"
