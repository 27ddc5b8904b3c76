"""Rooms under supervision, with real child processes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from events.clock import SystemClock
from medpulse.embedded.child import MOST_DEATHS, Child
from medpulse.embedded.process import ServerFailed
from tests.embedded.polling import alive


class Impatient(SystemClock):
    """A clock whose sleeps are over at once; it notes what was asked for."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)


async def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not true():
        assert time.monotonic() < deadline, "still not so after 15 s"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def _supervised(child: Child) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(child.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


def _child(tmp_path: Path, *mood: str, clock: SystemClock | None = None, grace: float = 10.0) -> Child:
    return Child(
        "room",
        "tests.embedded.room",
        (str(tmp_path / "room"), *mood),
        home=tmp_path,
        env={"GREETING": "hello"},
        clock=clock or Impatient(),
        grace=grace,
    )


def _pid(tmp_path: Path) -> int:
    file = tmp_path / "room"
    return int(file.read_text(encoding="utf-8").split()[0]) if file.exists() else 0


@pytest.mark.asyncio
async def test_a_room_gets_its_environment_and_ends_when_stopped(tmp_path: Path) -> None:
    child = _child(tmp_path)
    async with _supervised(child):
        await _until(lambda: _pid(tmp_path) > 0)
        assert (tmp_path / "room").read_text(encoding="utf-8").split()[1] == "hello"
        await _until(lambda: child.pid is not None)
    assert not alive(_pid(tmp_path))
    assert child.pid is None
    assert child.restarts == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("whom", ["room", "leash"])
async def test_a_room_that_is_killed_is_started_again(tmp_path: Path, whom: str) -> None:
    clock = Impatient()
    child = _child(tmp_path, clock=clock)
    async with _supervised(child):
        await _until(lambda: _pid(tmp_path) > 0)
        first = _pid(tmp_path)
        os.kill(first if whom == "room" else child.pid or 0, signal.SIGKILL)
        await _until(lambda: _pid(tmp_path) != first)
        assert not alive(first)
    assert child.restarts == 1
    assert clock.asked == [0.5]
    assert not alive(_pid(tmp_path))


@pytest.mark.asyncio
async def test_a_room_that_cannot_run_is_given_up_with_its_last_lines(tmp_path: Path) -> None:
    clock = Impatient()
    child = _child(tmp_path, "die", clock=clock)
    with pytest.raises(ServerFailed, match=rf"^room died {MOST_DEATHS} times in a row \(last code 1\)") as failed:
        await child.run(asyncio.Event())
    assert "this room cannot start: no such setting" in str(failed.value)
    assert clock.asked == [0.5, 1.0, 2.0, 5.0, 15.0]


@pytest.mark.asyncio
async def test_a_stop_during_the_wait_ends_it(tmp_path: Path) -> None:
    child = _child(tmp_path, "die", clock=_Endless())
    async with _supervised(child):
        await _until(lambda: "this room cannot start" in (child.log.read_text() if child.log.exists() else ""))


class _Endless(SystemClock):
    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


@pytest.mark.asyncio
async def test_a_deaf_room_is_killed_after_its_grace(tmp_path: Path) -> None:
    async with _supervised(_child(tmp_path, "deaf", grace=0.2)):
        await _until(lambda: _pid(tmp_path) > 0)
    assert not alive(_pid(tmp_path))


@pytest.mark.asyncio
async def test_cancelling_the_supervisor_ends_the_room(tmp_path: Path) -> None:
    task = asyncio.create_task(_child(tmp_path).run(asyncio.Event()))
    await _until(lambda: _pid(tmp_path) > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _until(lambda: not alive(_pid(tmp_path)))
