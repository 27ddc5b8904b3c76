"""What this room cannot read goes to the dead letters, whole, with its reason."""

from __future__ import annotations

import structlog
from redis.asyncio import Redis

from events.clock import Clock
from events.consumed import Consumed
from events.dead import dead_letter
from events.kafka import Publisher
from events.tracing import within
from events.view import layout
from events.wire import record

log = structlog.get_logger()


async def bury(
    message: Consumed, stage: str, error: Exception, publisher: Publisher, redis: Redis, clock: Clock
) -> None:
    """Publish the dead letter of a message and count it; returns once the broker has acknowledged it."""
    letter = dead_letter(message, stage, "unreadable", error, clock.now())
    with within(message.trace):
        log.warning("dead_letter", stage=stage, topic=message.topic, offset=message.offset, error=letter.error)
        await publisher.send_until_done([record(letter)], stage)
    await redis.hincrby(layout.DEAD, stage, 1)
