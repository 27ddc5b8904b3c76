"""The rooms, wired: what `up`, `demo` and `run` start, from settings and the addresses of Kafka and Redis."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from rich.console import Console

from alerts.receivers import load_receivers, open_receivers
from alerts.room import AlertsRoom
from alerts.rules import DEFAULT_RULES, load_rules
from board.app import create_app
from board.serve import serve
from events.clock import Clock
from events.flow import forget
from events.kafka import Publisher, create_topics, publisher
from events.view import layout
from events.view.reader import View
from medpulse.backends import Backends
from medpulse.embedded.child import Child
from medpulse.errors import Failure
from medpulse.settings import Settings

LOOK_AGAIN = 0.2
QUIET = 3
"""Looks in a row that must find nothing left: between two agents a message is in nobody's backlog for a moment."""


@dataclass(frozen=True, slots=True)
class House:
    """What every room shares: settings, addresses, one Redis client, one producer, one clock."""

    settings: Settings
    backends: Backends
    redis: Redis
    publisher: Publisher
    clock: Clock


@asynccontextmanager
async def house(settings: Settings, found: Backends, clock: Clock) -> AsyncIterator[House]:
    """A house on these addresses, its topics created. Raises `BrokerAway` or redis ConnectionError."""
    redis: Redis = Redis.from_url(found.redis)
    try:
        await redis.ping()
        if not found.attended:
            await forget(redis)
        await create_topics(found.kafka)
        async with publisher(found.kafka, idempotent=found.idempotent, redis=redis) as out:
            yield House(settings, found, redis, out, clock)
    finally:
        await redis.aclose()


async def run_alerts(home: House, stop: asyncio.Event, console: Console | None = None) -> None:
    """Rules and dispatcher until ``stop``. Raises `alerts.configuration.ConfigurationError`."""
    rules = load_rules(home.settings.rules or DEFAULT_RULES)
    receivers = open_receivers(load_receivers(home.settings.receivers), os.environ, home.clock, console)
    room = AlertsRoom(home.backends.kafka, home.redis, home.clock, rules, receivers, home.publisher)
    await room.run(stop)


async def run_board(home: House, stop: asyncio.Event, started: Callable[[str], None]) -> None:
    """The board until ``stop``; ``started`` is told its URL. Raises `board.serve.PortTaken`."""
    app = create_app(home.redis, home.clock)
    await serve(app, home.settings.board_host, home.settings.board_port, stop, started)


def worker_child(home: House) -> Child:
    """The Faust worker as a child process that is started again when it dies."""
    env = {
        "MEDPULSE_KAFKA": home.backends.kafka,
        "MEDPULSE_REDIS": home.backends.redis,
        "MEDPULSE_IDEMPOTENT": str(home.backends.idempotent).lower(),
        "MEDPULSE_LOG_LEVEL": home.settings.log_level,
    }
    folder = home.settings.home.absolute()
    return Child("worker", "medpulse", ["run", "worker"], home=folder, env=env, grace=25.0)


@contextmanager
def stop_on_signal() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def together(stop: asyncio.Event, *rooms: Coroutine[Any, Any, object]) -> None:
    """Run the rooms until ``stop`` is set or one of them ends; then stop them all, and raise the first error there was."""
    tasks = [asyncio.create_task(room) for room in rooms]
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.wait(tasks)
    finally:
        stopped.cancel()
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def drained(home: House, stop: asyncio.Event, seconds: float = 180.0, *, streams_only: bool = False) -> None:
    """Return once everything that was published has been processed by everybody, or ``stop`` is set.

    ``streams_only`` leaves the alerts out, where nobody runs them. Raises `Failure` if nothing moves for ``seconds``.
    """
    view = View(home.redis)
    quiet, last, still = 0, -1, 0.0
    while quiet < QUIET and not stop.is_set():
        behind = {
            pair: n for pair, n in (await view.backlog()).items() if not streams_only or pair[0] == layout.STREAMS
        }
        left = sum(behind.values())
        quiet = 0 if left else quiet + 1
        still = still + LOOK_AGAIN if left == last else 0.0
        last = left
        if left and still > seconds:
            stuck = ", ".join(f"{n} of {group} on {topic}" for (group, topic), n in behind.items() if n)
            log = home.settings.home / "logs" / "worker.log"
            raise Failure(f"nothing was processed for {seconds:.0f} s: {stuck} are left; see {log}")
        await asyncio.sleep(LOOK_AGAIN)
