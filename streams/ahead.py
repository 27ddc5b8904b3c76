"""Reading ahead: the next messages are read while Redis and the broker work on those before them.

A worker is one process, and would else wait for them a quarter of its time (docs/performance.md). An agent reads one piece
ahead within what it has taken (`ahead`). For the last one on the path, for whose work the others stand back (`streams.turns`),
all is read that has come (`Early`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")
Key = TypeVar("Key", bound=Hashable)
Read = TypeVar("Read")
BREATH = 50
"""Notices or events after which a long reading lets others go on: a few milliseconds."""


async def breathing(items: Iterable[T], every: int = BREATH) -> AsyncIterator[T]:
    """The items; after so many of them others may go on."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % every == 0:
            await asyncio.sleep(0)


async def ahead(read: Callable[[T], Awaitable[Read]], items: Iterable[T]) -> AsyncGenerator[tuple[T, Read], None]:
    """Each item with its reading, in their order; the next one is read while whoever asks is busy with one."""
    under_way: deque[asyncio.Future[tuple[T, Read]]] = deque()
    try:
        for item in items:
            under_way.append(asyncio.ensure_future(_with(item, read)))
            if len(under_way) > 1:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for one in under_way:
            one.cancel()


async def _with(item: T, read: Callable[[T], Awaitable[Read]]) -> tuple[T, Read]:
    return item, await read(item)


class Early(Generic[Key, T, Read]):
    """Readings that begin when something comes, before it is taken."""

    def __init__(self, read: Callable[[T], Awaitable[Read]]) -> None:
        self._read = read
        self._begun: dict[Key, asyncio.Future[Read]] = {}

    def begin(self, key: Key, item: T) -> None:
        """Read an item as soon as others let us. A key that comes again stands for what came last."""
        self.forget(key)
        self._begun[key] = asyncio.ensure_future(self._read(item))

    async def take(self, key: Key, item: T) -> Read:
        """What was read of the item, once it is; it is read now where that was not begun, or was forgotten."""
        begun = self._begun.pop(key, None)
        return await (self._read(item) if begun is None else begun)

    def forget(self, *keys: Key) -> None:
        """Nobody will take these any more; without keys, nobody any."""
        for key in keys or tuple(self._begun):
            if (begun := self._begun.pop(key, None)) is not None:
                begun.cancel()
