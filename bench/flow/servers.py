"""The servers of a run: the embedded ones, or Apache Kafka and Debian's redis-server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.real import apache_kafka, debian_redis
from medpulse.embedded.servers import embedded_servers


@dataclass(frozen=True, slots=True)
class Place:
    """Where the servers of a run are. ``real`` says that they are Apache Kafka and Debian's redis-server."""

    kafka: str
    redis: str
    folder: Path
    real: bool


@asynccontextmanager
async def servers(folder: Path, *, real: bool) -> AsyncIterator[Place]:
    """Both servers with their files under ``folder``, stopped at the end."""
    if not real:
        async with embedded_servers(folder / "home") as found:
            yield Place(found.bootstrap, found.redis_url, folder, real=False)
        return
    for name in ("kafka", "redis"):
        (folder / name).mkdir(parents=True)
    async with apache_kafka(folder / "kafka") as kafka, debian_redis(folder / "redis") as url:
        yield Place(kafka, url, folder, real=True)
