"""The leash: exit codes, signals, and no orphan however its parent went."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from medpulse.embedded.process import LEASH, Leashed, PortTaken, claim, free_port, last_lines
from tests.embedded.polling import LINUX, alive, descendants, until

ROOM = [sys.executable, str(Path(__file__).with_name("room.py"))]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Leashed]]:
    """Processes put here are killed at the end of the test."""
    kept: list[Leashed] = []
    yield kept
    for one in kept:
        one.kill()


def _start(kept: list[Leashed], tmp_path: Path, *command: str, grace: float = 10.0) -> Leashed:
    child = Leashed.start(command, name="child", log=tmp_path / "child.log", grace=grace)
    kept.append(child)
    return child


def _room(kept: list[Leashed], tmp_path: Path, mood: str = "", grace: float = 10.0) -> tuple[Leashed, int]:
    file = tmp_path / "room"
    child = _start(kept, tmp_path, *ROOM, str(file), mood, grace=grace)
    until(file.exists, "the room is up")
    return child, int(file.read_text(encoding="utf-8").split()[0])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("script", "code"),
    [("pass", 0), ("import sys; sys.exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)],
)
async def test_exit_code_is_the_commands(started: list[Leashed], tmp_path: Path, script: str, code: int) -> None:
    assert await _start(started, tmp_path, sys.executable, "-c", script).wait() == code


@pytest.mark.asyncio
@pytest.mark.parametrize("sturdy", [False, True])
async def test_a_command_that_does_not_exist_is_named_in_the_log(
    started: list[Leashed], tmp_path: Path, *, sturdy: bool
) -> None:
    child = Leashed.start(["/no/such/server"], name="child", log=tmp_path / "child.log", sturdy=sturdy)
    started.append(child)
    assert await child.wait() == 127
    assert "/no/such/server: No such file or directory" in str(child.failure("did not start"))


def test_stop_asks_first(started: list[Leashed], tmp_path: Path) -> None:
    child, pid = _room(started, tmp_path)
    assert child.stop() == 0
    assert not alive(pid)
    assert child.stop() == 0


def test_a_deaf_command_is_killed_after_the_grace(started: list[Leashed], tmp_path: Path) -> None:
    child, pid = _room(started, tmp_path, "deaf", grace=0.2)
    assert child.stop() == 137
    assert not alive(pid)


@contextmanager
def _parent(folder: Path, mood: str, how: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process that has started the room by ``Leashed.start(…, how)``, and the room's pid."""
    file = folder / "room"
    script = (
        "import sys; from pathlib import Path; from medpulse.embedded.process import Leashed\n"
        f"Leashed.start({[*ROOM, str(file), mood]!r}, name='x', log=Path({str(folder / 'log')!r}), {how})\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as parent:
        until(file.exists, "the room is up")
        yield parent, int(file.read_text(encoding="utf-8").split()[0])


@pytest.mark.parametrize("mood", ["", "deaf"])
def test_no_orphan_after_kill_9_of_the_parent(tmp_path: Path, mood: str) -> None:
    with _parent(tmp_path, mood, "grace=0.2") as (parent, room):
        below = descendants(parent.pid)
        assert room in below
        assert len(below) == 2
        parent.kill()
    until(lambda: not any(alive(pid) for pid in below), "leash and room are gone")


@pytest.mark.skipif(not LINUX, reason="the kernel's part is Linux's")
def test_no_orphan_after_kill_9_of_the_leash(started: list[Leashed], tmp_path: Path) -> None:
    child, pid = _room(started, tmp_path, "deaf")
    os.kill(child.pid, signal.SIGKILL)
    until(lambda: not alive(pid), "the room is gone")


@pytest.mark.skipif(not LINUX, reason="the kernel's part is Linux's")
def test_a_sturdy_command_has_no_leash_beside_it_and_ends_with_its_parent(tmp_path: Path) -> None:
    with _parent(tmp_path, "deaf", "sturdy=True") as (parent, room):
        below = descendants(parent.pid)
        assert below == [room]
        parent.kill()
    until(lambda: not any(alive(pid) for pid in below), "the room is gone")


@pytest.mark.parametrize(("how", "code"), [("", 0), ("kill", 137)])
def test_a_sturdy_command_is_stopped_as_any_other(started: list[Leashed], tmp_path: Path, how: str, code: int) -> None:
    file = tmp_path / "room"
    child = Leashed.start([*ROOM, str(file), ""], name="child", log=tmp_path / "child.log", sturdy=True)
    started.append(child)
    until(file.exists, "the room is up")
    if how:
        child.kill()
    assert child.stop() == code
    assert child.exit_code == code
    assert not alive(int(file.read_text(encoding="utf-8").split()[0]))


def test_grandchildren_go_too(started: list[Leashed], tmp_path: Path) -> None:
    file = tmp_path / "room"
    script = f"import subprocess, time; subprocess.Popen({[*ROOM, str(file), 'deaf']!r}); time.sleep(600)"
    child = _start(started, tmp_path, sys.executable, "-c", script)
    until(file.exists, "the grandchild is up")
    child.stop()
    pid = int(file.read_text(encoding="utf-8").split()[0])
    until(lambda: not alive(pid), "the grandchild is gone")


def test_ctrl_c_in_the_terminal_does_not_reach_a_leashed_command(started: list[Leashed], tmp_path: Path) -> None:
    child, pid = _room(started, tmp_path)
    ours = os.getpgid(0)
    assert ours not in {os.getpgid(child.pid), os.getpgid(pid)}
    assert os.getsid(pid) != os.getsid(0)


def test_the_leash_imports_the_standard_library_only() -> None:
    probe = f"import sys, runpy; sys.argv=['x']; runpy.run_path({str(LEASH)!r}); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-I", "-S", "-c", probe], capture_output=True, text=True, check=True)
    roots = {name.partition(".")[0] for name in run.stdout.split()}
    assert roots - sys.stdlib_module_names == {"__main__"}


def test_a_port_that_is_taken_is_named() -> None:
    port = free_port()
    assert claim(port, "Valkey") == port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken, match=f"port {port} for Valkey is taken"):
        claim(port, "Valkey")


def test_last_lines_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert last_lines(log) == "  | (no log)"
    log.write_text("".join(f"line {n}\n" for n in range(20)), encoding="utf-8")
    assert last_lines(log, 2) == "  | line 18\n  | line 19\n"
