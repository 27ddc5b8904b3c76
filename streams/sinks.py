"""What an agent may do to the world: publish, write to Redis, send to dead letters; and how it waits when either is away.

An agent body that raises loses events (ENGINE.md, rule 1): Faust acknowledges what was in hand. So nothing here lets a
failure of Kafka or Redis out: it is tried again for ever, with growing waits, while lag grows and nothing is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from redis.asyncio import Redis

from events import telemetry
from events.away import is_away
from events.clock import Clock
from events.consumed import Consumed
from events.dead import dead_letter
from events.flow import mark_processed
from events.kafka import RETRY_SECONDS, Publisher
from events.tracing import within
from events.view import layout
from events.wire import Record, Unreadable, record
from streams.ahead import breathing
from streams.brake import Brake
from streams.recent import Recent
from streams.store import Store

log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sinks:
    """The effects of the agents of one worker."""

    redis: Redis
    store: Store
    publisher: Publisher
    clock: Clock
    brake: Brake = field(default_factory=Brake)
    recent: Recent = field(default_factory=Recent)

    async def publish(self, records: Sequence[Record], stage: str) -> None:
        """Publish and wait for the acknowledgements; returns only when they are there."""
        if records:
            await self.publisher.send_until_done(records, stage)

    async def bury(self, stage: str, message: Consumed, reason: str, error: BaseException) -> None:
        """Send a message that cannot be taken to the dead letters, whole, with its reason, and count it."""
        letter = dead_letter(message, stage, reason, error, self.clock.now())
        telemetry.BURIED.labels(stage).inc()
        with within(message.trace):
            log.warning("dead_letter", stage=stage, reason=reason, error=letter.error, offset=message.offset)
            await self.publish([record(letter)], stage)
        await surely(lambda: _increment(self.redis, stage), stage)

    async def readable(
        self, stage: str, messages: Iterable[Consumed], read: Callable[[bytes], T], every: int = 1
    ) -> list[tuple[Consumed, T]]:
        """The messages that ``read`` can read, each with what it says, in their order; the others are buried.

        After ``every`` so many of them others may go on.
        """
        found: list[tuple[Consumed, T]] = []
        async for message in breathing(messages, every):
            try:
                found.append((message, read(message.value)))
                self.brake.went_well(stage)
            except Unreadable as error:
                await self.bury(stage, message, "unreadable", error)
                self.brake.failed(stage)
        return found

    async def done(self, messages: Iterable[Consumed]) -> None:
        """Note how far each partition has been processed, for lag and the watchdog; not before the effect, and surely."""
        read = [(m.topic, m.partition, m.offset) for m in messages]
        await surely(lambda: mark_processed(self.redis, layout.STREAMS, read), "done")


async def hset(redis: Redis, key: str, mapping: Mapping[layout.Scalar, layout.Scalar]) -> None:
    """Set fields of a hash; here because redis-py answers a count where `surely` wants an awaitable of nothing."""
    await redis.hset(key, mapping=mapping)


async def _increment(redis: Redis, stage: str) -> None:
    await redis.hincrby(layout.DEAD, stage, 1)


async def surely(effect: Callable[[], Awaitable[T]], stage: str) -> T:
    """The result of an effect on Redis, tried again while Redis is away. Only cancellation ends it early."""
    attempt = 0
    while True:
        try:
            return await effect()
        except Exception as error:
            if not is_away(error):
                raise
            wait = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
            telemetry.RETRIES.labels(stage).inc()
            log.warning("redis.effect_failed", stage=stage, error=repr(error), retry_in=wait)
            attempt += 1
            await asyncio.sleep(wait)
