"""What an agent does with messages, in two steps: to read what they say and come to, and to do the effect.

The first writes nothing (but dead letters), so the next messages are read while Redis and the broker work on those before
them: a worker is one process, and would else wait for them a quarter of its time (docs/performance.md).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

from events.consumed import Consumed

T = TypeVar("T")
Read = TypeVar("Read")
BREATH = 50
"""Notices or events after which a long reading lets others go on: a few milliseconds."""


class Body(ABC, Generic[Read]):
    """The body of an agent. It never raises for a bad message, and repeated after a kill it does nothing twice."""

    @abstractmethod
    async def read(self, messages: Sequence[Consumed]) -> Read:
        """What these messages say, worked out as far as it can be before those in front of them are done."""

    @abstractmethod
    async def do(self, read: Read) -> None:
        """Do the effect; returns once it is done."""

    async def take(self, messages: Sequence[Consumed]) -> None:
        """Both, one after the other."""
        await self.do(await self.read(messages))


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
