"""Our connections to Redis do what redis-py's do, of commands that the socket takes at once, late, and not at all."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Gone
from redis.exceptions import TimeoutError as Late

from events.addresses import redis_client
from medpulse.embedded.servers import embedded_redis

pytestmark = pytest.mark.asyncio
LARGE = b"0123456789abcdef" * (2 * 1024 * 1024)
"""More than the buffers of a socket hold."""


@pytest_asyncio.fixture
async def client(redis: Redis, redis_url: str) -> AsyncIterator[Redis]:
    """As the rooms make theirs, of an empty Valkey."""
    made = redis_client(redis_url)
    yield made
    await made.aclose()


async def test_a_command_that_the_socket_takes_at_once_is_given_no_task(
    client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.set("key", "value")

    async def refused(*_: object, **__: object) -> None:
        raise AssertionError("a task and a timer of its own")

    monkeypatch.setattr(asyncio, "wait_for", refused)
    assert await client.get("key") == b"value"
    async with client.pipeline() as pipe:
        pipe.set("other", "one")
        pipe.get("other")
        assert await pipe.execute() == [True, b"one"]


async def test_a_command_that_the_socket_does_not_take_at_once_arrives_whole(client: Redis) -> None:
    await client.set("key", LARGE)
    assert await client.get("key") == LARGE
    assert await client.strlen("key") == len(LARGE)


async def test_a_server_that_takes_nothing_is_waited_for_as_long_as_is_said(tmp_path: Path) -> None:
    async with embedded_redis(tmp_path) as url:
        client = redis_client(url, socket_timeout=0.2, retry=Retry(NoBackoff(), 0))
        asked: Any = client
        pid = (await asked.info("server"))["process_id"]
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(Late, match="Timeout writing"):
                await client.set("key", LARGE)
            with pytest.raises(Late):
                await client.get("key")
        finally:
            os.kill(pid, signal.SIGCONT)
        await client.aclose()


async def test_a_connection_that_the_server_has_ended_is_made_again(client: Redis, redis: Redis) -> None:
    await client.set("key", "value")
    for number in range(3):
        assert await redis.client_kill_filter(_type="normal", skipme=True) > 0
        with suppress(Gone):  # as long as the loop has not heard of it
            await client.get("key")
        assert await client.get("key") == b"value", number
