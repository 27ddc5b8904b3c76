"""Reading ahead: the next messages are read while Redis and the broker work on those before them.

A worker is one process, and would else wait for them a quarter of its time (docs/performance.md).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
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
