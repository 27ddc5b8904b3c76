"""Figures that are worked out once for each version of the view, however many people ask for them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from board.index.follow import Version
from events.clock import monotonic

T = TypeVar("T")
MOST = 256
PAUSE_SECONDS = 1.0
"""How long what is worked out anew behind an answer waits: the answer goes first, and of a burst of changes the last counts."""


@dataclass(slots=True)
class _Entry:
    version: Version
    at: float
    value: object


class Kept:
    """Values by name, each with the version of the view that it was worked out from. At most `MOST`, the last used stay."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[object, ...], _Entry] = OrderedDict()
        self._shown: set[tuple[object, ...]] = set()
        self.replaced = 0
        """How often a value of an earlier version, that had been shown meanwhile, was replaced."""
        self._working: dict[tuple[object, ...], asyncio.Task[Any]] = {}

    async def get(
        self, key: tuple[object, ...], version: Version, work: Callable[[], Awaitable[T]], *, stale: float = 0.0
    ) -> T:
        """The value for this version; one of an earlier version may stand for ``stale`` seconds while it is worked out anew.

        What ``work`` raises is raised here, and not kept. People who ask at one time wait for one piece of work.
        """
        entry = self._entries.get(key)
        if entry is not None and entry.version == version:
            self._entries.move_to_end(key)
            return entry.value  # type: ignore[return-value]  # one key is always one type
        task, may_stand = self._working.get(key), entry is not None and monotonic() - entry.at < stale
        if task is None:
            pause = PAUSE_SECONDS if may_stand else 0.0
            task = self._working[key] = asyncio.create_task(self._work(key, version, work, pause))
            task.add_done_callback(lambda _: self._working.pop(key, None))
        if entry is not None and may_stand:
            self._shown.add(key)
            return entry.value  # type: ignore[return-value]
        found: T = await asyncio.shield(task)
        return found

    async def _work(
        self, key: tuple[object, ...], version: Version, work: Callable[[], Awaitable[object]], pause: float
    ) -> object:
        await asyncio.sleep(pause)
        value = await work()
        self.replaced += key in self._shown
        self._shown.discard(key)
        self._entries[key] = _Entry(version, monotonic(), value)
        self._entries.move_to_end(key)
        if len(self._entries) > MOST:
            self._entries.popitem(last=False)
        return value

    async def aclose(self) -> None:
        """End what is being worked out."""
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
