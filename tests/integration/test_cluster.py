"""A real Redis Cluster of Debian's redis-server: the keys of a view stay on one node, and what is applied there is right."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.crc import key_slot

from bench.real import redis_binary
from events.clock import SystemClock, monotonic
from events.event import EventBase
from events.view import layout
from events.view.reader import View
from medpulse.embedded.process import Leashed, free_port
from medpulse.embedded.servers import ready, redis_answers
from medpulse.verify.compare import differences
from streams.store import Store
from tests.kafka_fixture import held
from tests.streams.test_kill import history

NODES = 3
VIEWS = ("v1", "v2", "v3", "v4")
AS_OF = date(2022, 12, 31)
PATIENCE = 120.0


@asynccontextmanager
async def redis_cluster(folder: Path) -> AsyncIterator[str]:
    """Three primaries that share the slots; yields the URL of one of them, once the cluster says that it is whole."""
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(_node(folder / str(n))) for n in range(NODES)]
        nodes = [f"127.0.0.1:{port}" for port in ports]
        command = ["redis-cli", "--cluster", "create", *nodes, "--cluster-replicas", "0", "--cluster-yes"]
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=PATIENCE)
        await _whole(ports)
        yield f"redis://{nodes[0]}"


@asynccontextmanager
async def _node(folder: Path) -> AsyncIterator[int]:
    folder.mkdir()
    port, bus = free_port(), free_port()
    settings = ["--port", str(port), "--cluster-port", str(bus), "--cluster-enabled", "yes", "--bind", "127.0.0.1"]
    command = [redis_binary(), *settings, "--dir", str(folder), "--save", ""]
    node = Leashed.start(command, name="redis-server", log=folder / "redis.log")
    try:
        await ready(node, port, redis_answers)
        yield port
    finally:
        await asyncio.to_thread(node.stop)


async def _whole(ports: list[int]) -> None:
    clock, deadline = SystemClock(), monotonic() + PATIENCE
    for port in ports:
        client: Any = Redis(port=port)
        try:
            while (await client.execute_command("CLUSTER INFO"))["cluster_state"] != "ok":
                assert monotonic() < deadline, "the cluster did not come together"
                await clock.sleep(0.1)
        finally:
            await client.aclose()


@pytest.fixture(scope="module")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with held(redis_cluster(tmp_path_factory.mktemp("cluster"))) as url:
        yield url


@pytest.mark.asyncio
async def test_views_on_a_cluster_hold_what_a_plain_recomputation_gives(cluster_url: str) -> None:
    events: list[EventBase] = history()[:400]
    cluster: Any = RedisCluster.from_url(cluster_url)
    try:
        client = cast("Redis", cluster)
        await Store(client).load()
        for view in VIEWS:
            store = Store(client, view)
            await store.apply(events[::-1])
            assert not any(await store.apply(events))
        assert await differences(View(client, VIEWS[-1]), events, AS_OF, ["cumulative"]) == []
        assert await _nodes_of(cluster) == dict.fromkeys(VIEWS, 1)
    finally:
        await cluster.aclose()


async def _nodes_of(cluster: Any) -> dict[str, int]:
    """View → on how many nodes it has keys."""
    found: dict[str, set[str]] = {view: set() for view in VIEWS}
    for node in cluster.get_primaries():
        for raw in await cluster.keys("*", target_nodes=node):
            view = layout.text(raw).partition("}")[0].removeprefix("{medpulse:")
            if view in found:
                found[view].add(node.name)
    return {view: len(nodes) for view, nodes in found.items()}


def test_the_keys_of_a_view_share_a_slot_and_views_are_spread() -> None:
    slots = {view: {key_slot(key(view).encode()) for key in _KEYS} for view in VIEWS}
    assert all(len(found) == 1 for found in slots.values())
    assert len({slot for found in slots.values() for slot in found}) == len(VIEWS)


_KEYS = (
    layout.applied,
    layout.events,
    layout.timeline,
    layout.entities,
    layout.published,
    layout.untold,
    layout.totals,
    lambda view: layout.index(view, "class3_certificates"),
    lambda view: layout.told_members(view, "class3_companies", ""),
    lambda view: layout.series(view, "class3_certificates", "scenario=lung_nodule"),
)
