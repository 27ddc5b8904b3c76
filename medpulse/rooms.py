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
from events.kafka import Publisher, create_topics, publisher
from events.view import layout
from events.view.reader import View
from medpulse.backends import Backends
from medpulse.embedded.child import Child
from medpulse.errors import Failure
from medpulse.settings import Settings


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
            await forget_offsets(redis)
        await create_topics(found.kafka)
        async with publisher(found.kafka, idempotent=found.idempotent, redis=redis) as out:
            yield House(settings, found, redis, out, clock)
    finally:
        await redis.aclose()


async def forget_offsets(redis: Redis) -> None:
    """Forget how far topics were written and read: the embedded broker keeps them in memory and starts again from nothing."""
    for topic in {topic for _, topic in layout.FLOW}:
        await redis.delete(layout.produced(topic))
    for group, topic in layout.FLOW:
        await redis.delete(layout.processed(group, topic))


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


async def drained(home: House, stop: asyncio.Event, seconds: float = 180.0) -> None:
    """Return once everything that was published has been processed by everybody, or ``stop`` is set.

    Raises `Failure` if that takes longer than ``seconds``.
    """
    view = View(home.redis)
    quiet = 0
    try:
        async with asyncio.timeout(seconds):
            while quiet < 3 and not stop.is_set():
                quiet = 0 if any((await view.backlog()).values()) else quiet + 1
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        behind = {f"{group} on {topic}": n for (group, topic), n in (await view.backlog()).items() if n}
        log = home.settings.home / "logs" / "worker.log"
        raise Failure(f"not everything was processed within {seconds:.0f} s: {behind}; see {log}") from error
