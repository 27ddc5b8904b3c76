"""How a body becomes an agent of Faust: what it takes at once, what is read ahead, and that nothing is acknowledged undone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import structlog

from events import telemetry
from events.consumed import Consumed
from events.topics import Topic
from streams.agents.body import Body
from streams.ahead import Early, ahead
from streams.rebuild.heal import needs_whole
from streams.sinks import surely
from streams.transport import pieces
from streams.turns import TAKE
from streams.watchdog import EXIT_CODE

log = structlog.get_logger()
T = TypeVar("T")
WITHIN = 0.05
PIECES_TAKEN = 4
"""At once: what a worker that is told to stop must finish within `DRAIN_SECONDS`."""
DRAIN_SECONDS = 20.0
Piece: TypeAlias = Sequence[Consumed]
Place: TypeAlias = tuple[str, int, int]
"""Of a piece: topic, partition, offset of its last record."""
Readings: TypeAlias = Early[Place, Piece, list[T]]


async def finished(work: Awaitable[None]) -> None:
    """Wait for ``work`` even if we are cancelled meanwhile, then pass the cancellation on.

    Faust acknowledges what an agent has in hand when it cancels the agent (rebalance, shutdown), done or not. So the effect is
    finished first; if it cannot be within `DRAIN_SECONDS`, the process ends here, before anything is committed.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        _, unfinished = await asyncio.wait([task], timeout=DRAIN_SECONDS)
        if unfinished:
            log.error("worker.cannot_drain", seconds=DRAIN_SECONDS)
            os._exit(75)
        raise


def place(piece: Piece) -> Place:
    """Where a piece was read, as it is known by."""
    return piece[-1].topic, piece[-1].partition, piece[-1].offset


def joined(taken: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Whole pieces, as many as have no more than `TAKE` records together, or one. Pure."""
    some: list[Piece] = []
    for piece in taken:
        if some and sum(map(len, some)) + len(piece) > TAKE:
            yield some
            some = []
        some.append(piece)
    if some:
        yield some


def agent(app: Any, topic: Topic, name: str, body: Body[Any], early: Readings[Any] | None = None) -> None:
    """Let ``body`` work on a topic, as an agent of the app. ``early`` has begun to read what came; it asks nothing of Redis."""
    channel = app.topic(topic.name, partitions=topic.partitions, value_serializer="raw", key_serializer="raw")

    async def ready() -> None:
        await surely(partial(needs_whole, app.sinks.redis), name)

    async def read(piece: Piece) -> Any:
        await ready()
        return await body.read(piece)

    async def readings(taken: Sequence[Piece]) -> AsyncIterator[tuple[Piece, Any]]:
        if early is None:
            async for one in ahead(read, pieces(list(chain(*taken)))):
                yield one
        else:
            for some in joined(taken):
                yield list(chain(*some)), list(chain(*[await early.take(place(piece), piece) for piece in some]))

    async def work(taken: Sequence[Piece]) -> None:
        async for piece, said in readings(taken):
            await ready()  # again: the effect of what came before it lies between
            with telemetry.BATCH_SECONDS.labels(name).time():
                await body.finish(piece, said)
            telemetry.BATCH_MESSAGES.labels(name).inc(len(piece))

    async def run(stream: Any) -> None:
        async for taken in stream.take_events(PIECES_TAKEN, within=WITHIN):
            try:
                # The whole take, not piece by piece: all of it is acknowledged if the agent is cancelled meanwhile.
                await finished(work([one.message.value for one in taken]))
            except Exception:
                # Let out of here, Faust would acknowledge what the agent has in hand and in its buffer (ENGINE.md, rule 1).
                log.exception("worker.agent_failed", agent=name, remedy="none needed if it was a passing fault")
                os._exit(EXIT_CODE)

    app.agent(channel, name=name, concurrency=1)(run)
