"""The watchdog: a worker whose partitions have lag and make no progress says so, shows where it hangs, and ends.

Consumers that stop without an error after days are the most repeated complaint about Faust (ENGINE.md). What ends is started
again by its supervisor (the embedded `up`, Compose, Kubernetes) and goes on from what was committed.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from redis.asyncio import Redis

from events.away import is_away
from events.clock import Clock, monotonic
from events.view import layout

log = structlog.get_logger()
EXIT_CODE = 75
LOOK_SECONDS = 5.0
Partition = tuple[str, int]
Positions = Mapping[Partition, tuple[int, int]]
"""Topic and partition → how far it was processed, and how far it was written."""


@dataclass
class Watch:
    """Judges progress, purely: `stuck` is asked now and then with what is known."""

    patience: float
    _since: dict[Partition, tuple[int, float]] = field(default_factory=dict)

    def stuck(self, positions: Positions, now: float) -> dict[Partition, int]:
        """The partitions that had lag and no progress for ``patience`` seconds, with their lag. ``now`` is monotonic."""
        found: dict[Partition, int] = {}
        for gone in self._since.keys() - positions.keys():
            del self._since[gone]
        for partition, (done, end) in positions.items():
            before = self._since.get(partition)
            if before is None or before[0] != done or done >= end:
                self._since[partition] = (done, now)
            elif now - before[1] >= self.patience:
                found[partition] = end - done
        return found


async def positions(redis: Redis, group: str, assigned: set[Partition]) -> Positions:
    """How far the assigned partitions were processed and written, as the notes in Redis say (`events.flow`)."""
    found: dict[Partition, tuple[int, int]] = {}
    for topic in {name for name, _ in assigned}:
        done = await _noted(redis, layout.processed(group, topic))
        ends = await _noted(redis, layout.produced(topic))
        for name, number in assigned:
            if name == topic:
                found[name, number] = (done.get(number, 0), ends.get(number, 0))
    return found


async def _noted(redis: Redis, key: str) -> dict[int, int]:
    noted: Sequence[tuple[bytes, float]] = await redis.zrange(key, 0, -1, withscores=True)  # type: ignore[assignment]
    return {int(layout.text(partition)): int(offset) for partition, offset in noted}


async def look_on(
    watch: Watch,
    read: Callable[[], Awaitable[Positions]],
    clock: Clock,
    end: Callable[[dict[Partition, int]], None],
) -> None:
    """Look every five seconds until cancelled. While Redis or the broker is away nothing is judged: the agents wait."""
    while True:
        await clock.sleep(LOOK_SECONDS)
        try:
            known = await read()
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("watchdog.cannot_look", error=repr(error))
            known = {}
        if stuck := watch.stuck(known, monotonic()):
            end(stuck)


def give_up(stuck: dict[Partition, int]) -> None:
    """Log what is stuck with the stack of every task, and end the process before it commits anything more."""
    lags = {f"{topic}/{number}": lag for (topic, number), lag in sorted(stuck.items())}
    log.error(
        "worker.no_progress", lag=lags, tasks=stacks(), remedy="none needed: the supervisor starts the worker again"
    )
    os._exit(EXIT_CODE)


def stacks() -> list[str]:
    """The stack of each task of the running loop, as text."""
    found = []
    for task in asyncio.all_tasks():
        shown = io.StringIO()
        task.print_stack(file=shown)
        found.append(shown.getvalue())
    return found
