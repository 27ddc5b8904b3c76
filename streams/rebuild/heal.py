"""Noticing that Redis does not have what was written to it, and making it whole again before a worker begins.

A Redis that was emptied, restored without its data, or last written by a version that counted otherwise has no epoch, or
another one. Kafka has the truth: the memory of the agents and the view are made from it.
"""

from __future__ import annotations

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from events.consume import has_committed
from events.topics import EVENTS
from events.view import layout
from streams.rebuild.memory import restore
from streams.rebuild.view import build, switch

log = structlog.get_logger()


BEING_MADE = "+"
"""Follows the epoch while what Redis held is made again."""


class NoEpoch(RedisError):
    """Redis has lost its data since this process began: nothing is written to it until the view has been made again."""


class NewerVersion(RuntimeError):
    """A version that counts otherwise, and later, has written to this Redis: what we added would be wrong in its view."""


async def whole(redis: Redis) -> bool:
    """Whether this Redis has all that this version wrote to it."""
    epoch = await redis.get(layout.EPOCH)
    return epoch is not None and layout.text(epoch) == layout.THIS_EPOCH


async def needs_whole(redis: Redis) -> None:
    """Raises `NoEpoch`, which the agents wait out as they wait for a Redis that is away.

    Also where the epoch is another version's, so that an old worker adds nothing to the view that a new one makes.
    """
    if not await whole(redis):
        raise NoEpoch("this Redis was emptied, or another version makes it whole")


async def heal(bootstrap: str, redis: Redis) -> bool:
    """Make the view again where Redis is not whole; returns whether that was so. Several workers may do it at once.

    Where nobody has ever processed an event, nothing is lacking: a fresh installation. Raises `BrokerAway`, RedisError, and
    `NewerVersion` where a later version has the Redis: two versions would make it again and again, each its own way.
    """
    if await whole(redis):
        return False
    found = layout.text(await redis.get(layout.EPOCH) or "0")
    if int(found.removesuffix(BEING_MADE)) > int(layout.THIS_EPOCH):
        raise NewerVersion(f"this Redis is at epoch {found}, this version of medpulse at {layout.THIS_EPOCH}")
    # From here on an older worker waits, and ends when it is started again.
    await redis.set(layout.EPOCH, f"{layout.THIS_EPOCH}{BEING_MADE}")
    if await has_committed(bootstrap, layout.STREAMS, EVENTS):
        log.warning("redis.not_whole", remedy="none needed: what it held is made again from Kafka")
        restored = await restore(bootstrap, redis)
        built = await build(bootstrap, redis)
        await switch(redis, built)
        log.warning("redis.whole_again", view=built.view, events=built.events, **restored)
    await redis.set(layout.EPOCH, layout.THIS_EPOCH)
    return True
