"""Who runs on a data folder: the lock that only one may hold, and the run file that tells others where to find it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from events.base import Message, UtcDatetime
from events.clock import monotonic

ASK_AGAIN = 0.1
"""Seconds between two attempts to take the lock."""


class AlreadyRunning(RuntimeError):
    """Another process holds the data folder. The text is one line for the terminal."""


class Running(Message):
    """An instance that runs on a data folder, as its run file states it. ``pid`` is that of ``medpulse up``."""

    pid: int
    bootstrap: str
    redis_url: str
    board_url: str | None = None
    started: UtcDatetime


def run_file(home: Path) -> Path:
    """Where the run file of a data folder is."""
    return home / "run.json"


def write_run_file(home: Path, running: Running) -> None:
    """Put the run file in place in one step: a reader sees the old one or the new one, never a part."""
    draft = home / "run.json.new"
    draft.write_text(running.model_dump_json(indent=2) + "\n", encoding="utf-8")
    draft.replace(run_file(home))


def remove_run_file(home: Path) -> None:
    """Take the run file away; it need not be there."""
    run_file(home).unlink(missing_ok=True)


def find_running(home: Path) -> Running | None:
    """The instance that runs on this data folder, or None. A file left behind by a killed one counts for nothing."""
    try:
        running = Running.model_validate_json(run_file(home).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    redis = urlsplit(running.redis_url)
    ports = (running.bootstrap, f"{redis.hostname}:{redis.port}")
    return running if _alive(running.pid) and all(answers(port) for port in ports) else None


def answers(address: str) -> bool:
    """Whether somebody accepts a connection at ``host:port``."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1.0).close()
    except (OSError, ValueError):
        return False
    return True


@asynccontextmanager
async def data_folder(home: Path, patience: float) -> AsyncIterator[int]:
    """Hold the data folder, made if need be; yields the descriptor of its lock (flock(2)).

    Leashes inherit the descriptor, so that the folder stays taken until the last server on it has ended, even where we were
    killed. Waits ``patience`` seconds for a holder that is on its way out. Raises `AlreadyRunning`, at once where an instance
    runs and answers.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        await _take(lock, home, patience)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock
    finally:
        os.close(lock)


async def _take(lock: int, home: Path, patience: float) -> None:
    deadline = monotonic() + patience
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if running := find_running(home):
            where = f", board at {running.board_url}" if running.board_url else ""
            raise AlreadyRunning(f"already running on {home}, pid {running.pid}{where}")
        if monotonic() > deadline:
            pid = os.pread(lock, 32, 0).decode().strip() or "unknown"
            raise AlreadyRunning(f"the data folder {home} is in use, pid {pid}")
        await asyncio.sleep(ASK_AGAIN)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, under another user
        return True
    return True
