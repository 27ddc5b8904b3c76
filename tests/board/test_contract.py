"""The API against its own OpenAPI document: schemathesis looks for an answer that the document does not allow."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from board.app import create_app
from events.clock import VirtualClock
from tests.board.conftest import served
from tests.board.running import NOW
from tests.board.town import fill


@pytest.fixture
def url(redis_url: str) -> Iterator[str]:
    """A board on a port over the town; it serves from a loop in a thread of its own."""
    ready: list[str] = []
    stops: list[Callable[[], object]] = []
    up = threading.Event()

    async def run() -> None:
        redis: Redis = Redis.from_url(redis_url)
        await redis.flushall()
        await fill(redis)
        async with served(create_app(redis, VirtualClock(NOW), rate=1e6, burst=10**6)) as found:
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            ready.append(found)
            stops.append(lambda: loop.call_soon_threadsafe(stop.set))
            up.set()
            await stop.wait()
        await redis.aclose()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert up.wait(60)
    yield ready[0]
    stops[0]()
    thread.join(30)


@pytest.mark.timeout(300)
def test_schemathesis_finds_nothing(url: str, tmp_path: Path) -> None:
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json"),
        *("--exclude-path", "/api/stream", "--max-examples", "5", "--seed", "1", "--generation-deterministic"),
        *("--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--no-color"),
        # Which dimensions there are depends on the metric, and a day must have come: the document cannot say so.
        *("--request-timeout", "60", "--exclude-checks", "positive_data_acceptance"),
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
