"""Apache Kafka and Debian's redis-server as child processes, for the integration tests and for chaos. No containers.

What is missing is installed: Kafka's jars by Maven into a cache outside the tree (`deploy/kafka/run.sh`), redis-server by
apt-get where we are root.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from medpulse.embedded.process import Leashed, free_port
from medpulse.embedded.servers import kafka_answers, ready, redis_answers

RUN = Path(__file__).parents[1] / "deploy" / "kafka" / "run.sh"
KAFKA_SECONDS = 240.0
"""Format and start: about 5 s on two idle cores, and a minute and more on busy ones."""
REDIS_SECONDS = 60.0


class Missing(RuntimeError):
    """A program that is needed is absent and cannot be installed. The text says what to do."""


def install_kafka() -> None:
    """Fetch Kafka's jars if they are not in the cache. Raises `Missing` with what run.sh said."""
    fetched = subprocess.run([RUN, "install"], capture_output=True, text=True, check=False)
    if fetched.returncode:
        raise Missing(fetched.stderr.strip())


def redis_binary() -> str:
    """The path of redis-server 7 or later, installed first if that is possible. Raises `Missing`."""
    if not shutil.which("redis-server") and shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "redis-server"]):
            subprocess.run(["apt-get", *command], env=quiet, capture_output=True, check=False)
    found = shutil.which("redis-server")
    if found is None:
        raise Missing("redis-server 7 is needed: apt-get install redis-server")
    return found


def kafka_command(folder: Path, port: int, controller: int) -> list[str]:
    """The command that becomes one Kafka node (KRaft) with its files in ``folder``."""
    return [str(RUN), "run", str(folder / "data"), str(port), str(controller)]


def redis_command(folder: Path, port: int, *, fsync: str = "everysec") -> list[str]:
    """The command that becomes a redis-server with its append-only file in ``folder``."""
    settings = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    return [redis_binary(), *settings, "--appendonly", "yes", "--appendfsync", fsync]


@asynccontextmanager
async def apache_kafka(folder: Path) -> AsyncIterator[str]:
    """One Apache Kafka node (KRaft) with its files in ``folder``; yields its bootstrap address, ready."""
    await asyncio.to_thread(install_kafka)
    port, controller = free_port(), free_port()
    command = kafka_command(folder, port, controller)
    broker = Leashed.start(command, name="Apache Kafka", log=folder / "kafka.log", grace=30.0)
    try:
        await ready(broker, port, kafka_answers, within=KAFKA_SECONDS)
        yield f"127.0.0.1:{port}"
    finally:
        await asyncio.to_thread(broker.stop)


@asynccontextmanager
async def debian_redis(folder: Path) -> AsyncIterator[str]:
    """One redis-server with its append-only file in ``folder``; yields the URL of its database 0, ready."""
    port = free_port()
    store = Leashed.start(redis_command(folder, port), name="redis-server", log=folder / "redis.log")
    try:
        await ready(store, port, redis_answers, within=REDIS_SECONDS)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        await asyncio.to_thread(store.stop)
