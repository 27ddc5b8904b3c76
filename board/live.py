"""News for a page that is open: an event on the stream whenever something that the page shows has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent
from redis.exceptions import RedisError

from board.asked import FromView, InRoom, Room
from board.reading import Reading
from board.summary import figures
from events.ids import digest

router = APIRouter(prefix="/api", tags=["api"])


async def stamp(reading: Reading, here: Room) -> str:
    """A digest of what the page shows: the day, the figures, the newest event, the sources and the newest delivery."""
    shown = [
        *await figures(reading, here.today),
        *await reading.view.events(limit=1),
        *await reading.view.health(),
        *await reading.view.deliveries(limit=1),
    ]
    return digest(here.today.isoformat(), str(await reading.view.count_events()), *(m.model_dump_json() for m in shown))


async def changes(reading: Reading, here: Room) -> AsyncIterator[str]:
    """The stamp at once and at each change, until the board stops or Redis goes away (the browser comes back by itself).

    It waits in the machine's time, not the clock's: in a time-lapse the people who watch are not accelerated.
    """
    last = ""
    while not here.stopping.is_set():
        try:
            now = await stamp(reading, here)
        except RedisError:
            return
        if now != last:
            last = now
            yield now
        with suppress(TimeoutError):
            await asyncio.wait_for(here.stopping.wait(), here.refresh_seconds)


@router.get("/stream", response_class=EventSourceResponse)
async def stream(view: FromView, here: InRoom) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events named ``change``; the data is the stamp of what can now be read."""
    async for now in changes(view, here):
        yield ServerSentEvent(event="change", data=now[:16])
