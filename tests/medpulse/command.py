"""``medpulse`` as a person runs it: a process of its own, on a data folder of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from tests.embedded.polling import until

MEDPULSE = (sys.executable, "-m", "medpulse")
Ended = subprocess.CompletedProcess[str]


def environment(home: Path, more: dict[str, str]) -> dict[str, str]:
    """Our environment without its medpulse settings, with those of the test."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MEDPULSE_")}
    own = {"MEDPULSE_HOME": str(home), "MEDPULSE_BOARD_PORT": "0", "MEDPULSE_SOURCES": "fda-ai-list"}
    return inherited | own | more


def medpulse(home: Path, *arguments: str, given: str = "", **more: str) -> Ended:
    """Run a command to its end; ``more`` are variables of its environment, ``given`` is its standard input."""
    return subprocess.run(
        [*MEDPULSE, *arguments],
        env=environment(home, more),
        input=given.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape"),
        errors="surrogateescape",
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


def answer(home: Path, *arguments: str, **more: str) -> Any:
    """The JSON that a command printed."""
    ended = medpulse(home, *arguments, "--json", **more)
    assert ended.returncode == 0, ended.stderr
    return orjson.loads(ended.stdout)


def refused(ended: Ended, *said: str) -> None:
    """Assert that a command failed as promised: exit code 1, one line on standard error that says these words."""
    assert ended.returncode == 1, (ended.returncode, ended.stdout, ended.stderr)
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert ended.stderr.startswith("medpulse: ")
    for words in said:
        assert words in ended.stderr


@contextmanager
def running(home: Path, **more: str) -> Iterator[subprocess.Popen[str]]:
    """``medpulse up``, once it has said that it is up; killed at the end if it still runs."""
    home.mkdir(parents=True, exist_ok=True)
    with (
        (home / "up.err").open("w") as trouble,
        subprocess.Popen(
            [*MEDPULSE, "up"], env=environment(home, more), stdout=subprocess.PIPE, stderr=trouble, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "medpulse is up" in line, (home / "up.err").read_text()
            yield process
        finally:
            process.kill()


def left(home: Path) -> list[int]:
    """The processes that have a file of the data folder open (a log, the lock): Valkey's command line does not name it."""
    found = (int(process.name) for process in Path("/proc").iterdir() if process.name.isdigit())
    return [pid for pid in found if pid != os.getpid() and _holds(pid, home)]


def _holds(pid: int, folder: Path) -> bool:
    try:
        return any(held.readlink().is_relative_to(folder) for held in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it ended meanwhile, or is somebody else's
        return False


def gone(home: Path) -> None:
    """Wait until no process of the data folder is left."""
    until(lambda: not left(home), f"no process on {home}", within=30)
