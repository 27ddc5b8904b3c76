"""The rooms, wired: what `up`, `demo` and `run` start, from settings and the addresses of Kafka and Redis.

A room is imported where it is run: the board and the channels of the alerts cost seconds of a processor, which a worker that is
started again after a kill should not pay.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from redis.asyncio import Redis
from rich.console import Console

from events.clock import Clock
from events.probe import Probe
from events.secrets import MissingSecret, read_secret, remember
from events.tracing import export
from medpulse.embedded.child import Child
from medpulse.errors import Failure
from medpulse.house import House
from medpulse.settings import Settings

if TYPE_CHECKING:
    from alerts.deliver import Receiver
    from alerts.digest.room import Subscriber
    from alerts.digest.sector import Sector
    from alerts.routes import Routing
    from alerts.rules import RuleBase

log = structlog.get_logger()


def told(
    settings: Settings, clock: Clock, console: Console | None = None, redis: Redis | None = None
) -> tuple[Sequence[RuleBase], Sequence[Receiver]]:
    """The rules, those of subscriptions too, and receivers that are set. Raises `ConfigurationError` of the alerts."""
    from alerts.opening import open_receivers
    from alerts.receivers import load_receivers
    from alerts.rules import DEFAULT_RULES, load_rules
    from alerts.subscriptions import load_subscriptions, rules_of

    receivers = open_receivers(load_receivers(settings.receivers), os.environ, clock, console, redis)
    wishes = load_subscriptions(settings.subscriptions, [receiver.id for receiver in receivers])
    return (*load_rules(settings.rules or DEFAULT_RULES), *rules_of(wishes)), receivers


def routing(settings: Settings, receivers: Sequence[Receiver]) -> Routing:
    """The routes that are set, those of subscriptions first. Raises `alerts.configuration.ConfigurationError`."""
    from alerts.routes import DEFAULT_ROUTES, load_routes
    from alerts.subscriptions import load_subscriptions, routes_of

    ids = [receiver.id for receiver in receivers]
    wishes = load_subscriptions(settings.subscriptions, ids)
    return load_routes(settings.routes or DEFAULT_ROUTES, ids, routes_of(wishes))


async def run_alerts(home: House, stop: asyncio.Event, console: Console | None = None) -> None:
    """Rules and dispatcher until ``stop``. Raises `alerts.configuration.ConfigurationError`."""
    from alerts.digest.room import DigestRoom
    from alerts.room import AlertsRoom
    from medpulse.sector import BoardSector

    rules, receivers = told(home.settings, home.clock, console, home.redis)
    ways = routing(home.settings, receivers)
    sector = BoardSector(home.redis)
    dressed, digests = with_digests(home, receivers, sector)
    room = AlertsRoom(home.backends.kafka, home.redis, home.clock, rules, dressed, home.publisher, ways)
    clockwork = DigestRoom(home.redis, home.clock, digests, sector, home.settings.board_url)
    try:
        await together(stop, room.run(stop), clockwork.run(stop))
    finally:
        await sector.aclose()


def with_digests(home: House, receivers: Sequence[Receiver], sector: Sector) -> tuple[list[Receiver], list[Subscriber]]:
    """The receivers with what dresses their digests, and those that asked for some. Raises what `load_receivers` raises."""
    from alerts.digest.dress import DigestChannel
    from alerts.digest.room import Subscriber
    from alerts.receivers import load_receivers

    asked = {one.id: one.digest for one in load_receivers(home.settings.receivers)}
    board = home.settings.board_url
    dressed = [
        replace(one, channel=DigestChannel(one.channel, home.redis, sector, asked.get(one.id), board))
        for one in receivers
    ]
    wanted = ((one, asked.get(one.id)) for one in dressed)
    return dressed, [Subscriber(one, settings) for one, settings in wanted if settings is not None]


async def run_board(home: House, stop: asyncio.Event, started: Callable[[str], None]) -> None:
    """The board until ``stop``; ``started`` is told its URL. Raises `Failure` for a port that is taken."""
    from board.app import create_app
    from board.serve import PortTaken, serve

    archive = home.settings.home.absolute() / "archive"
    app = create_app(home.redis, home.clock, token=board_token(home.settings), archive=archive)
    try:
        await serve(app, home.settings.board_host, home.settings.board_port, stop, started)
    except PortTaken as error:
        raise Failure(f"{error}: set MEDPULSE_BOARD_PORT, or 0 for any free one") from error


def board_token(settings: Settings) -> str | None:
    """The token of the board; None where nobody is asked for one. Raises `Failure` where one is needed and there is none."""
    from board.access import loopback

    token = settings.board_token.get_secret_value().strip() if settings.board_token else ""
    if settings.board_token_file is not None:
        try:
            token = read_secret(env=None, file=settings.board_token_file, environ={}).strip()
        except MissingSecret as error:
            raise Failure(f"MEDPULSE_BOARD_TOKEN_FILE: {error}") from error
    remember(token)
    if not token and not settings.board_open and not loopback(settings.board_host):
        raise Failure(
            f"the board would listen on {settings.board_host} and let anybody in: set MEDPULSE_BOARD_TOKEN or "
            "MEDPULSE_BOARD_TOKEN_FILE, or MEDPULSE_BOARD_OPEN=true where something before it asks who comes"
        )
    return token or None


def worker_child(home: House) -> Child:
    """The Faust worker as a child process that is started again when it dies."""
    env = {
        "MEDPULSE_KAFKA": home.backends.kafka,
        "MEDPULSE_REDIS": home.backends.redis,
        "MEDPULSE_IDEMPOTENT": str(home.backends.idempotent).lower(),
        "MEDPULSE_PATIENT": "true",  # servers that are away for a while must not be the end of its supervisor's patience
        "MEDPULSE_LOG_LEVEL": home.settings.log_level,
    }
    folder = home.settings.home.absolute()
    return Child("worker", "medpulse", ["run", "worker"], home=folder, env=env, grace=25.0)


@contextmanager
def probed(settings: Settings, room: str) -> Iterator[Probe | None]:
    """The port of this process, where one is set, and the export of its traces. Raises `Failure` if the port is taken."""
    export(room)
    if settings.metrics_port is None:
        yield None
        return
    try:
        probe = Probe(room, settings.metrics_host, settings.metrics_port)
    except OSError as error:
        where = f"{settings.metrics_host}:{settings.metrics_port}"
        raise Failure(f"{where} cannot be listened on ({error.strerror}): set MEDPULSE_METRICS_PORT, or 0") from error
    with probe:
        log.info("probe.listens", host=settings.metrics_host, port=probe.port)
        yield probe


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
