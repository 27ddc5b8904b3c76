"""Waiting for what another process does: look again until a deadline, never a fixed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

LINUX = Path("/proc/self/task").is_dir()


def until(true: Callable[[], bool], what: str, within: float = 15.0) -> None:
    """Return once ``true()`` holds. Fails the test, saying ``what`` was awaited, after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: still not so after {within:.0f} s")
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie that its new parent has not reaped yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def descendants(pid: int) -> list[int]:
    """The pids of all processes below ``pid``, nearest first."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in (task / "children").read_text(encoding="ascii").split():
            found += [int(child), *descendants(int(child))]
    return found
