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

from board import api, live, operations, pages, problems
from board.asked import Room
from board.headers import SecurityHeaders
from board.render import Renderer
from events.clock import Clock

STATIC = Path(__file__).with_name("static")


def create_app(redis: Redis, clock: Clock, *, title: str = "medpulse", refresh_seconds: float = 1.5) -> FastAPI:
    """The board over a Redis client (``decode_responses=False``), which stays the caller's to close.

    ``refresh_seconds`` is how often an open page may change. Charts are drawn by a child process that the first chart
    starts; it ends with the application's lifespan, or with this process. The interactive API pages of FastAPI are off,
    for they are made of scripts from elsewhere; ``/openapi.json`` is there.
    """
    here = Room(redis, clock, title, Renderer(), asyncio.Event(), refresh_seconds)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        here.stopping.set()
        await here.renderer.aclose()

    app = FastAPI(
        title=title,
        version=version("medpulse"),
        summary="Read-only view of China's medical-AI sector",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.room = here
    app.add_middleware(SecurityHeaders)
    problems.install(app, pages.error_page)
    for room in (pages, api, live, operations):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app
