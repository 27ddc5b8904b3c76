"""News for a page that is open: an event on the stream whenever something that the board shows has changed.

However many pages are open, Redis is asked once in ``refresh_seconds``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent
from redis.exceptions import RedisError

from board.asked import FromView, InRoom, Room

router = APIRouter(prefix="/api", tags=["api"])


async def changes(here: Room) -> AsyncIterator[str]:
    """The stamp at once and at each change, until the board stops or Redis goes away (the browser comes back by itself).

    It waits in the machine's time, not the clock's: in a time-lapse the people who watch are not accelerated.
    """
    last = ""
    while not here.stopping.is_set():
        try:
            now = await here.watch.stamp(here.today.isoformat())
        except RedisError:
            return
        if now != last:
            last = now
            yield now
        with suppress(TimeoutError):
            await asyncio.wait_for(here.stopping.wait(), here.refresh_seconds)


@router.get("/stream", response_class=EventSourceResponse)
async def stream(_view: FromView, here: InRoom) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events named ``change``; the data is the stamp of what can now be read."""
    async for now in changes(here):
        yield ServerSentEvent(event="change", data=now[:16])
