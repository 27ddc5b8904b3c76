"""Three Apache Kafka nodes that are one cluster, as child processes; any of them may be killed."""

from __future__ import annotations

import asyncio
import base64
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.real import KAFKA_SECONDS, install_kafka, kafka_command
from medpulse.embedded.process import Leashed, free_port
from medpulse.embedded.servers import brokers_known, ready

NODES = 3


@dataclass(frozen=True, slots=True)
class Cluster:
    """The bootstrap addresses of all nodes, and their processes."""

    bootstrap: str
    nodes: tuple[Leashed, ...]


def _id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


@asynccontextmanager
async def three_brokers(folder: Path) -> AsyncIterator[Cluster]:
    """The cluster with its files in ``folder``, every node ready; three replicas of everything, two acknowledge."""
    await asyncio.to_thread(install_kafka)
    ports = [(free_port(), free_port()) for _ in range(NODES)]
    quorum = ",".join(f"{n}@127.0.0.1:{controller}:{_id()}" for n, (_, controller) in enumerate(ports, 1))
    env = {"KAFKA_CLUSTER_ID": _id(), "KAFKA_CONTROLLERS": quorum, "KAFKA_HEAP": "384m"}
    voters = ",".join(f"127.0.0.1:{controller}" for _, controller in ports)
    async with AsyncExitStack() as stack:
        nodes = [_started(folder / str(n), n, *ports[n - 1], voters, env) for n in range(1, NODES + 1)]
        for node in nodes:
            stack.push_async_callback(asyncio.to_thread, node.stop)
        for node, (port, _) in zip(nodes, ports, strict=True):
            await ready(node, port, _sees_all, within=KAFKA_SECONDS)
        yield Cluster(",".join(f"127.0.0.1:{port}" for port, _ in ports), tuple(nodes))


async def _sees_all(port: int) -> bool:
    """Whether the node knows of every other: one that does not yet would give a new topic too few replicas."""
    return await brokers_known(port) == NODES


def _started(folder: Path, number: int, port: int, controller: int, voters: str, env: dict[str, str]) -> Leashed:
    folder.mkdir(parents=True)
    extra = folder / "extra.properties"
    extra.write_text(
        f"node.id={number}\ncontroller.quorum.bootstrap.servers={voters}\n"
        "offsets.topic.replication.factor=3\ndefault.replication.factor=3\nmin.insync.replicas=2\n"
        "transaction.state.log.replication.factor=3\ntransaction.state.log.min.isr=2\n",
        encoding="utf-8",
    )
    return Leashed.start(
        kafka_command(folder, port, controller),
        name=f"Apache Kafka {number}",
        log=folder / "kafka.log",
        env=os.environ | env | {"KAFKA_EXTRA": str(extra)},
        grace=20.0,
    )
