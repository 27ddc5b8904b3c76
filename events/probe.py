"""The port of a room: ``/metrics`` for Prometheus, ``/healthz`` and ``/readyz`` for whoever restarts and routes.

It answers from a thread of its own, so that a process whose event loop hangs is still asked, and says so.

* ``/healthz``: 503 when the event loop has not beaten for `SILENT_SECONDS`: restart it.
* ``/readyz``: 503 as well while Redis or Kafka is away: it waits by itself, and restarting would not help.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from redis.asyncio import Redis
from redis.exceptions import RedisError

from events import telemetry
from events.clock import monotonic
from events.kafka import Publisher

BEAT_SECONDS = 5.0
SILENT_SECONDS = 60.0
LOOK_SECONDS = 3.0
Look = Callable[[], Awaitable[dict[str, bool]]]
"""What a room depends on, by name, and whether it is there."""


class Probe:
    """The port of one process; a context manager. ``port`` 0 takes any free one. Raises OSError for a port that is taken."""

    def __init__(self, room: str, host: str, port: int) -> None:
        telemetry.introduce(room)
        self.room = room
        self._beaten = monotonic()
        self._there: dict[str, bool] = {}
        self._server = ThreadingHTTPServer((host, port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True, name="probe")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def beat(self, there: dict[str, bool]) -> None:
        """The event loop turns, and these are the servers it depends on."""
        self._beaten = monotonic()
        self._there = dict(there)

    async def beating(self, look: Look) -> None:
        """Beat until cancelled."""
        while True:
            self.beat(await look())
            await asyncio.sleep(BEAT_SECONDS)

    def health(self, *, ready: bool) -> tuple[HTTPStatus, dict[str, Any]]:
        """Status and body of ``/healthz``, or of ``/readyz``."""
        silent = monotonic() - self._beaten
        alive = silent < SILENT_SECONDS
        well = alive and (not ready or all(self._there.values()))
        body = {"room": self.room, "alive": alive, "seconds_since_beat": round(silent, 1), "there": self._there}
        return (HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE), body


async def look(redis: Redis, publisher: Publisher) -> dict[str, bool]:
    """Whether Redis answers, and whether nobody waits for Kafka."""
    try:
        answers = bool(await asyncio.wait_for(redis.ping(), LOOK_SECONDS))
    except (RedisError, OSError, TimeoutError):
        answers = False
    return {"redis": answers, "kafka": not publisher.waiting}


def _handler(probe: Probe) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8", telemetry.exposition())
                case "/healthz" | "/readyz" as path:
                    status, body = probe.health(ready=path == "/readyz")
                    self._answer(status, "application/json", json.dumps(body).encode())
                case _:
                    said = b'{"error": "there are /metrics, /healthz and /readyz"}'
                    self._answer(HTTPStatus.NOT_FOUND, "application/json", said)

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is that of the base class)
            """Probes come every few seconds: nothing is logged of them."""

    return Handler
