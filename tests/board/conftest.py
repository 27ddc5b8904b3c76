"""The board over a filled Valkey: in process for the API tests, on a port for the browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest_asyncio
from fastapi import FastAPI
from redis.asyncio import Redis

from board.app import create_app
from board.serve import LOOPBACK, serve
from events.clock import VirtualClock
from tests.board.running import NOW
from tests.board.town import fill


@asynccontextmanager
async def client_of(redis: Redis) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a board over this Redis, without a network; the clock stands at `NOW`."""
    app = create_app(redis, VirtualClock(NOW))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://board") as client,
    ):
        yield client


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The app on a port of the system's choice: its URL."""
    stop = asyncio.Event()
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(app, LOOPBACK, 0, stop, url.set_result))
    try:
        yield await url
    finally:
        stop.set()
        await serving


@pytest_asyncio.fixture
async def filled(redis: Redis) -> Redis:
    """A Valkey with the town in it."""
    await fill(redis)
    return redis


@pytest_asyncio.fixture
async def board(filled: Redis) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a board over the town."""
    async with client_of(filled) as client:
        yield client
