"""Making the view again: events applied to a view beside the live one, while the agents apply what is new to both."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from events.consume import scan
from events.topics import EVENTS
from events.view import layout
from events.view.bodies import pack
from events.view.reader import View
from events.wire import Unreadable, decode_event
from streams.store import Entry, Store, entry

BATCH = 500
_KEYS = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """What a rebuild tells while it goes on: ``total`` messages (about), and so many more ``done``."""

    total: Callable[[int], None] = lambda _: None
    done: Callable[[int], None] = lambda _: None


_SILENT = Progress()


@dataclass(slots=True)
class Built:
    """A view that was made: its name, the events that it took, messages that are no events, and whether it went on with one."""

    view: str
    before: str
    events: int = 0
    unreadable: int = 0
    resumed: bool = False


async def build(bootstrap: str, redis: Redis, progress: Progress = _SILENT) -> Built:
    """Make a view from the whole topic ``events``; go on with one that was begun and cut short.

    From the moment that its name is set, the agents apply every new event to it as well. It is not yet live: see `switch`.
    Raises `BrokerAway`, RedisError.
    """
    live = await View(redis).name()
    begun = await redis.get(layout.BUILDING)
    built = Built(layout.text(begun) if begun else following(live), live, resumed=begun is not None)
    if not built.resumed:
        await drop(redis, built.view)
        await redis.delete(layout.CURSOR)
        await redis.set(layout.BUILDING, built.view)
    store = Store(redis, built.view)
    await store.load()
    cursor = {int(partition): int(offset) for partition, offset in (await redis.hgetall(layout.CURSOR)).items()}
    async for batch in scan(bootstrap, EVENTS, most=BATCH, ends=progress.total, start=cursor):
        entries: list[Entry] = []
        for message in batch:
            if not message.value:
                continue
            try:
                entries.append(entry(decode_event(message.value), pack(message.value)))
            except Unreadable:
                built.unreadable += 1  # `aggregate` has sent it to the dead letters
        await store.apply_entries(entries)
        await redis.hset(layout.CURSOR, mapping={str(m.partition): m.offset + 1 for m in batch})
        built.events += len(entries)
        progress.done(len(batch))
    return built


async def switch(redis: Redis, built: Built) -> None:
    """Put the view in the place of the live one, in one step, and drop the old one.

    What the topic ``metrics`` was last told goes with it: nobody is alerted of a number that has not changed.
    """
    published = await redis.hgetall(layout.published(built.before))
    if published:
        await redis.hset(layout.published(built.view), mapping=dict(published.items()))
    async with redis.pipeline(transaction=True) as pipe:
        pipe.set(layout.LIVE, built.view)
        pipe.delete(layout.BUILDING, layout.CURSOR)
        await pipe.execute()
    await drop(redis, built.before)


async def abandon(redis: Redis) -> None:
    """Give up a rebuild that was begun."""
    begun = await redis.get(layout.BUILDING)
    await redis.delete(layout.BUILDING, layout.CURSOR)
    if begun:
        await drop(redis, layout.text(begun))


async def drop(redis: Redis, view: str) -> None:
    """Delete every key of a view, a thousand at a time, so that Redis answers others meanwhile."""
    async for key in redis.scan_iter(match=f"{{medpulse:{view}}}:*", count=_KEYS):
        await redis.unlink(key)


def following(view: str) -> str:
    """``v1`` → ``v2``."""
    found = re.fullmatch(r"v(\d+)", view)
    return f"v{int(found[1]) + 1}" if found else f"{view}-v2"
