"""What a request may ask for everywhere: the store, the day and the language, as FastAPI dependencies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.datastructures import State

from board.access import Gate
from board.days import IsoDay
from board.held import Held
from board.index.follow import Index
from board.kept import Kept
from board.problems import RedisAway
from board.reading import Reading
from board.render import Renderer
from board.watch import Watch
from board.words import Lang, negotiate
from events.clock import Clock, shanghai_day

PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Room:
    """What the board is made with. ``stopping`` is set when it is about to end, so that streams do.

    ``archive`` is the folder of what the scrapers fetched, None where this machine does not have it.
    """

    redis: Redis
    clock: Clock
    title: str
    renderer: Renderer
    stopping: asyncio.Event
    refresh_seconds: float
    index: Index
    kept: Kept
    held: Held
    watch: Watch
    gate: Gate
    archive: Path | None = None

    @property
    def first_day(self) -> date | None:
        """The day of the oldest event that is indexed."""
        return self.index.first_day

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai that the clock says it is."""
        return shanghai_day(self.clock.now())


def room(request: Request) -> Room:
    """The room that the app of this request was made with."""
    state: State = request.app.state
    found: Room = state.room
    return found


async def reading(here: Annotated[Room, Depends(room)]) -> Reading:
    """The view, once Redis has answered. Raises `RedisAway` within seconds, however patient the client is."""
    await ping(here.redis)
    await here.index.fresh()
    return Reading.of(here.redis, here.kept, here.held)


async def ping(redis: Redis) -> None:
    """Raises `RedisAway` unless Redis answers within `PATIENCE_SECONDS`."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await redis.ping()
    except (RedisError, OSError, TimeoutError) as error:
        raise RedisAway(str(error) or type(error).__name__) from error


def as_of(
    here: Annotated[Room, Depends(room)],
    as_of: Annotated[IsoDay | None, Query(description="Day in Asia/Shanghai, YYYY-MM-DD; today if not given")] = None,
) -> date:
    """The day asked for, or today. A day that has not come yet is refused: nothing is known of it."""
    if as_of is not None and as_of > here.today:
        message = f"{as_of} has not come yet; today in Asia/Shanghai is {here.today}"
        raise RequestValidationError([{"loc": ("query", "as_of"), "msg": message, "type": "value_error"}])
    return as_of or here.today


def lang(request: Request, lang: Annotated[Lang | None, Query(description="en or zh")] = None) -> Lang:
    """The language asked for, or the one that the browser prefers."""
    return negotiate(lang or request.cookies.get("lang"), request.headers.get("accept-language", ""))


InRoom = Annotated[Room, Depends(room)]
FromView = Annotated[Reading, Depends(reading)]
AsOf = Annotated[date, Depends(as_of)]
InLang = Annotated[Lang, Depends(lang)]
