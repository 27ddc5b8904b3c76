"""The leash: a small process between us and a server, which ends the server when we are gone, however we went.

It is run as a script by path (``python -I -S leash.py FD GRACE -- command …``) and imports the standard library only, so
that it costs milliseconds and little memory. ``FD`` is the read end of a pipe whose write end its parent holds: end of file
means that the parent is gone, ``kill -9`` included. The command is then asked to end (SIGTERM) and, after ``GRACE`` seconds,
killed with its process group. SIGTERM, SIGINT and SIGHUP are passed on to the command; SIGTERM also starts the grace. On
Linux the kernel kills the command if the leash itself is killed (prctl(2), PR_SET_PDEATHSIG); elsewhere a killed leash
leaves its command behind.

With ``none`` for ``GRACE``, which only Linux can keep, the leash becomes the command and takes no memory from then on: the
kernel kills the command as soon as the thread that started it has ended.

Exit code: the command's; 128 + n if signal n ended it; 127 if it could not be started.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

PR_SET_PDEATHSIG = 1
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
NOT_STARTED = 127
NO_GRACE = "none"


class _Signals:
    """Signals on their way to the command; those that come before it exists are kept for it."""

    def __init__(self) -> None:
        self.command: subprocess.Popen[bytes] | None = None
        self.early: list[int] = []
        self.end = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        self.end = self.end or number == signal.SIGTERM
        if self.command is None:
            self.early.append(number)
        else:
            self.command.send_signal(number)


def main(arguments: list[str]) -> int:
    """Run the command of ``FD GRACE -- command …`` on the leash and return its exit code."""
    fd, grace, _, *command = arguments
    if grace == NO_GRACE:
        return _become(command, int(fd))
    bell = _bell()
    signals = _Signals()
    for number in FORWARDED:
        signal.signal(number, signals)
    try:
        child = subprocess.Popen(command, process_group=0, preexec_fn=_die_with(os.getpid()))  # noqa: PLW1509 (no threads here)
    except OSError as error:
        return _not_started(command, error)
    signals.command = child
    for early in signals.early:
        child.send_signal(early)
    _wait(child, signals, int(fd), bell)
    if child.poll() is None:
        deadline = time.monotonic() + float(grace)
        while child.poll() is None and (left := deadline - time.monotonic()) > 0:
            _listen([bell], left)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    code = child.wait()
    return code if code >= 0 else 128 - code


def _become(command: list[str], fd: int) -> int:
    """Be the command from here on. Returns only where it could not be started, or where our parent is gone already."""
    if die := _die_with(os.getppid()):
        die()
    if select.select([fd], [], [], 0)[0]:  # it died before we were there
        return NOT_STARTED
    os.close(fd)
    try:
        os.execvp(command[0], command)  # noqa: S606 (a shell has no part in it)
    except OSError as error:
        return _not_started(command, error)


def _not_started(command: list[str], error: OSError) -> int:
    sys.stderr.write(f"{command[0]}: {error.strerror}\n")
    return NOT_STARTED


def _wait(child: subprocess.Popen[bytes], signals: _Signals, fd: int, bell: int) -> None:
    """Return once the command has ended, or has been asked to: by a SIGTERM to us or by the end of our parent."""
    while child.poll() is None and not signals.end:
        if fd in _listen([fd, bell], None):
            child.terminate()
            return


def _bell() -> int:
    """A descriptor that becomes readable whenever a signal arrives, SIGCHLD included."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return read


def _listen(fds: list[int], timeout: float | None) -> list[int]:
    ready, _, _ = select.select(fds, [], [], timeout)
    for fd in ready:
        with contextlib.suppress(BlockingIOError):
            os.read(fd, 512)
    return ready


def _die_with(parent: int) -> Callable[[], None] | None:
    """What a process does before it becomes the command, on Linux: ask the kernel to kill it when its parent dies."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(NOT_STARTED)

    return ask


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
