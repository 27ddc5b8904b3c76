"""What an agent does with messages, in two steps: to read what they say and come to, and to do the effect.

The first writes nothing (but dead letters), so that it can be done ahead (`streams.ahead`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from events.consumed import Consumed
from streams.sinks import Sinks

Read = TypeVar("Read")


class Body(ABC, Generic[Read]):
    """The body of an agent. It never raises for a bad message, and repeated after a kill it does nothing twice."""

    def __init__(self, sinks: Sinks) -> None:
        self._sinks = sinks

    @abstractmethod
    async def read(self, messages: Sequence[Consumed]) -> Read:
        """What these messages say, worked out as far as it can be before those in front of them are done."""

    @abstractmethod
    async def do(self, read: Read) -> None:
        """Do the effect of what was read; returns once it is done."""

    async def finish(self, messages: Sequence[Consumed], read: Read) -> None:
        """Do the effect of the messages, and note that they are done."""
        await self.do(read)
        await self._sinks.done(messages)

    async def take(self, messages: Sequence[Consumed]) -> None:
        """All of it, one after the other."""
        await self.finish(messages, await self.read(messages))
