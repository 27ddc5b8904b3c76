"""The board as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from redis.asyncio import Redis

from board import api, exports, feeds, live, login, operations, pages, problems
from board.access import Access, Gate
from board.asked import Room
from board.etags import ETags
from board.headers import SecurityHeaders
from board.held import Held
from board.index.follow import Index
from board.kept import Kept
from board.limits import Limits
from board.pages import desk
from board.render import Renderer
from board.watch import Watch
from events.clock import Clock

STATIC = Path(__file__).with_name("static")


RATE, BURST = 20.0, 200


def create_app(  # noqa: PLR0913  what a board can be made with
    redis: Redis,
    clock: Clock,
    *,
    title: str = "medpulse",
    refresh_seconds: float = 1.5,
    token: str | None = None,
    archive: Path | None = None,
    rate: float = RATE,
    burst: int = BURST,
) -> FastAPI:
    """The board over a Redis client (``decode_responses=False``), which stays the caller's to close.

    With a ``token`` nobody is let in without it. ``archive`` is the folder of what the scrapers fetched, to show copies from.
    One client may ask ``burst`` times at once and ``rate`` times a second after that.
    ``refresh_seconds`` is how often an open page may change. Charts are drawn by a child process that the first chart
    starts; it ends with the application's lifespan, or with this process. The interactive API pages of FastAPI are off,
    for they are made of scripts from elsewhere; ``/openapi.json`` is there.
    """
    gate = Gate(token)
    index, kept = Index(redis), Kept()
    watch = Watch(redis, index, kept, refresh_seconds)
    here = Room(
        redis,
        clock,
        title,
        Renderer(),
        asyncio.Event(),
        refresh_seconds,
        index,
        kept,
        Held(index),
        watch,
        gate=gate,
        archive=archive,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        here.stopping.set()
        await here.renderer.aclose()
        await here.kept.aclose()
        await here.index.aclose()

    app = FastAPI(
        title=title,
        version=version("medpulse"),
        summary="Read-only view of China's medical-AI sector",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.room = here
    # The one that is added last sees a request first.
    app.add_middleware(ETags)
    app.add_middleware(Access, gate=gate, clock=clock)
    app.add_middleware(Limits, rate=rate, burst=burst)
    app.add_middleware(SecurityHeaders)
    problems.install(app, pages.error_page)
    for router in (*(room.router for room in (api, live, operations, login, feeds, exports, desk)), *pages.ROUTERS):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app
