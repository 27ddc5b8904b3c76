"""The board on a port, inside an event loop that is already running."""

from __future__ import annotations

import asyncio
import errno
import gc
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

LOOPBACK = "127.0.0.1"
YOUNG_OBJECTS = 50_000
"""New objects after which the collector of cycles looks at them; Python's own number is 700."""


class PortTaken(OSError):
    """Another program listens on the port. The text names it."""


class _Server(uvicorn.Server):
    """A server that leaves the signals to whoever owns the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} on {host} is taken by another program; choose another one") from error
        raise
    # Connections inherit it. Without it the kernel holds the second part of each page back for 40 ms, until the first is
    # acknowledged: asyncio sets it only where the socket names its protocol, which one of our own making does not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _collect_less() -> None:
    """Look for cycles less often.

    Series and rows are hundreds of thousands of small objects that live long and hold no cycles: at Python's own rate,
    walking over them again and again takes up to half of the time of a page that works figures out.
    """
    first, *later = gc.get_threshold()
    gc.set_threshold(max(first, YOUNG_OBJECTS), *later)


async def serve(
    app: FastAPI, host: str, port: int, stop: asyncio.Event, started: Callable[[str], None] | None = None
) -> None:
    """Serve an app of `board.app.create_app` until ``stop`` is set; open streams are ended.

    Port 0 is one of the system's choice. ``started`` is called with the URL once the port is open. Raises `PortTaken`, or
    the OSError of an address that cannot be listened on.
    """
    _collect_less()
    listener = _listen(host, port)
    name = f"[{host}]" if ":" in host else host
    url = f"http://{name}:{listener.getsockname()[1]}"
    server = _Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve([listener]))
    stopped = asyncio.create_task(stop.wait())
    try:
        if started is not None:
            started(url)
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        app.state.room.stopping.set()
        server.should_exit = True
        stopped.cancel()
        await serving
        listener.close()
