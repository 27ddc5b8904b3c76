"""A child process on a leash, its log file, and the ports it may use."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self, overload

from medpulse.embedded.leash import NO_GRACE

LEASH = Path(__file__).with_name("leash.py")
GRACE = 10.0
"""Seconds between asking a process to end and killing it."""
MARGIN = 5.0
"""Seconds that the leash has beyond the grace to do it."""
OFFERED = range(15_000, 32_768)
"""The ports that are offered where none was asked for."""
TRIES = 100
WATCH = 0.05
"""Seconds between two looks at whether a process has ended."""


class PortTaken(OSError):
    """Another program listens on the port that was asked for."""


class ServerFailed(RuntimeError):
    """A child process did not start, or ended by itself. The text names its log file and ends with its last lines."""


class Leashed:
    """A running child that ends with us. Its output is appended to ``log``.

    It has a session of its own, so that Ctrl-C in the terminal reaches us alone and we choose the order of the end.
    ``pid`` is the pid of the leash; on Linux killing it kills the command.
    """

    def __init__(self, process: subprocess.Popen[bytes], line: int, log: Path, name: str, grace: float) -> None:
        self._process = process
        self._line = line
        self._grace = grace
        self.log = log
        self.name = name

    @classmethod
    def start(
        cls,
        command: Sequence[str | os.PathLike[str]],
        *,
        name: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        grace: float = GRACE,
        keep: Sequence[int] = (),
        sturdy: bool = False,
    ) -> Self:
        """Start ``command``. ``keep`` are descriptors that stay open until it has ended (a lock).

        A ``sturdy`` one needs no asking: if we are killed, it may be killed at once. On Linux the kernel does that, where the
        thread that calls this has ended, and no leash (11 MB) runs beside it; ``pid`` is then its own.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        read, write = os.pipe()
        after = NO_GRACE if sturdy and sys.platform.startswith("linux") else str(grace)
        leash = [sys.executable, "-I", "-S", str(LEASH), str(read), after, "--"]
        try:
            with log.open("ab") as output:
                process = subprocess.Popen(
                    [*leash, *(os.fspath(part) for part in command)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=None if env is None else dict(env),
                    pass_fds=(read, *keep),
                    start_new_session=True,
                )
        except BaseException:
            os.close(write)
            raise
        finally:
            os.close(read)
        return cls(process, write, log, name, grace)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; 128 + n if signal n ended it."""
        return _code(self._process.poll())

    async def wait(self) -> int:
        """Wait for its end and return its exit code (128 + n if signal n ended it)."""
        while (code := self.exit_code) is None:  # noqa: ASYNC110 (another process sets no event of ours)
            await asyncio.sleep(WATCH)
        return code

    def stop(self) -> int:
        """Ask it to end, have it killed after the grace, and return its exit code. To stop it twice does no harm."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(self._grace + MARGIN)
            except subprocess.TimeoutExpired:  # the leash itself hangs
                self._process.kill()
        code = self._process.wait()
        self._let_go()
        return _code(code)

    def kill(self) -> None:
        """``kill -9`` the leash and, on Linux, the command with it."""
        self._process.kill()
        self._process.wait()
        self._let_go()

    def failure(self, what: str) -> ServerFailed:
        """The error that says ``what`` of it, where its log is, and how that ends."""
        return ServerFailed(f"{self.name} {what}; its log is {self.log}:\n{last_lines(self.log)}")

    def _let_go(self) -> None:
        if self._line >= 0:
            os.close(self._line)
            self._line = -1


@overload
def _code(code: int) -> int: ...
@overload
def _code(code: int | None) -> int | None: ...
def _code(code: int | None) -> int | None:
    """A code of subprocess as shells tell it."""
    return 128 - code if code is not None and code < 0 else code


def last_lines(log: Path, lines: int = 8) -> str:
    """The last lines of a log file, or a note that it is empty."""
    try:
        with log.open(encoding="utf-8", errors="replace") as text:
            return "".join(f"  | {line}" for line in deque(text, lines)) or "  | (nothing)"
    except FileNotFoundError:
        return "  | (no log)"


def free_port() -> int:
    """A port of the loopback interface that nobody listens on. Raises `PortTaken` where none was found.

    It is drawn below the range that systems give to outgoing connections (32768 up on Linux, 49152 on others): a port of that
    range, free now, may be a client's own before the server that asked for it has started.
    """
    for port in random.SystemRandom().sample(OFFERED, TRIES):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise PortTaken(
        f"{TRIES} ports of {OFFERED.start}–{OFFERED.stop - 1} are all taken: end some of the programs that listen there"
    )


def claim(port: int | None, what: str) -> int:
    """The port to use for ``what``: the one asked for, or any free one. Raises `PortTaken`."""
    if port is None:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"port {port} for {what} is taken: stop the program that listens there or choose another"
            ) from error
    return port
