"""``make bench-newcomer``: the path of a newcomer, timed: clone → ``make demo`` → first alert seen on the board.

The repository is cloned into an empty folder with nothing installed; the package cache of the machine is used as it is. Nothing
but the standard library is needed here, as a newcomer has nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 1800.0


def walk(source: str, folder: Path) -> None:
    """Go the path, and print when each step was reached, in seconds from its beginning."""
    began = time.perf_counter()

    def reached(what: str) -> None:
        print(f"{time.perf_counter() - began:8.1f} s  {what}", flush=True)

    clone = folder / "medpulse"
    subprocess.run(["git", "clone", "-q", source, str(clone)], check=True)
    reached("cloned")
    with demo(clone) as told:
        board = address(told)
        reached(f"make demo: installed, servers up, the board is at {board}")
        title = first_alert(board)
        reached(f"first alert on the board: {title}")
        page = read(f"{board}/alerts")
        assert title.split(":")[0] in page, "the page of alerts does not show it"
        reached(f"the page of alerts shows it ({len(page):,} bytes)")


@contextmanager
def demo(clone: Path) -> Iterator[Queue[str]]:
    """``make demo`` in a clone: the lines that it prints, and an empty one at its end; ended afterwards as by Ctrl-C."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MEDPULSE_", "VIRTUAL_ENV"))}
    process = subprocess.Popen(
        ["make", "demo"],
        cwd=clone,
        env=env | {"MEDPULSE_BOARD_PORT": "0", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        told: Queue[str] = Queue()
        # Whoever stops reading stops the demo, once the pipe is full.
        reader = threading.Thread(target=_read, args=(process, told), daemon=True)
        reader.start()
        yield told
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _read(process: subprocess.Popen[str], told: Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        told.put(line)
    told.put("")


def address(told: Queue[str]) -> str:
    """The board's address, once the demo has said it. Raises RuntimeError, with its last lines, if it ends before."""
    last: list[str] = []
    while line := told.get(timeout=PATIENCE):
        last = [*last[-20:], line]
        if found := re.search(r"the board is at (http://\S+)", line):
            return found[1]
    raise RuntimeError(f"`make demo` ended before its board was up; it said last:\n{''.join(last)}")


def first_alert(board: str) -> str:
    """The title of the first alert that the board shows. Raises TimeoutError after `PATIENCE` seconds."""
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        told = json.loads(read(f"{board}/api/deliveries?limit=1"))
        if told and told[0]["title"]:
            return str(told[0]["title"])
        time.sleep(0.25)
    raise TimeoutError(f"no alert within {PATIENCE:.0f} s")


def read(url: str) -> str:
    """The text at a URL of the board."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def main() -> None:
    """Clone, run, watch, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", default=str(ROOT), help="the repository to clone: a path or a URL")
    asked = parser.parse_args()
    print(f"# Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        walk(asked.source, Path(folder))


if __name__ == "__main__":
    main()
