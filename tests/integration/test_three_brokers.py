"""Three brokers and three workers: a broker and a worker are killed amid the work, and `medpulse verify` is clean."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from redis.asyncio import Redis

from events.kafka import REPLICAS, create_topics, publisher
from events.topics import EVENTS
from events.view import layout
from events.view.reader import View
from events.wire import record
from streams.store import Store
from tests.integration.brokers import three_brokers
from tests.streams.fire import Worker
from tests.streams.plain import recomputed, stored
from tests.streams.test_kill import history

WORKERS = 3


@pytest.mark.asyncio
async def test_a_broker_and_a_worker_die_and_the_numbers_are_right(real_redis_url: str, tmp_path: Path) -> None:
    events = history()
    half = len(events) // 2
    redis: Redis = Redis.from_url(real_redis_url)

    async def begun() -> bool:
        return int(await redis.hlen(layout.applied(layout.FIRST))) > 0

    async def processed() -> bool:
        return (await View(redis).backlog())[layout.STREAMS, EVENTS.name] == 0

    async def replicated() -> bool:
        return await _replicas(cluster.bootstrap) == {REPLICAS}

    try:
        await redis.flushall()
        async with three_brokers(tmp_path / "kafka") as cluster:
            await create_topics(cluster.bootstrap)
            await Store(redis).load()
            with ExitStack() as stack:
                async with publisher(cluster.bootstrap, idempotent=True, redis=redis) as out:
                    workers = [
                        stack.enter_context(
                            Worker(cluster.bootstrap, real_redis_url, _folder(tmp_path, n), idempotent=True)
                        )
                        for n in range(WORKERS)
                    ]
                    # The brokers learn of a new topic one after the other, and any of them may be asked.
                    await workers[0].until("each partition has its replicas", replicated)
                    await out.send_until_done([record(event) for event in events[:half]], "test")
                    await workers[0].until("the first event is applied", begun)
                    cluster.nodes[0].kill()
                    workers[0].kill()
                    await out.send_until_done([record(event) for event in events[half:]], "test")
                    await workers[1].until("every event is processed", processed)
            assert await stored(redis) == recomputed(events)
            assert _verified(cluster.bootstrap, real_redis_url, tmp_path).startswith("no difference")
    finally:
        await redis.aclose()


def _folder(folder: Path, number: int) -> Path:
    made = folder / f"worker-{number}"
    made.mkdir()
    return made


async def _replicas(bootstrap: str) -> set[int]:
    """How many replicas the partitions of the topic ``events`` have."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (topic,) = await admin.describe_topics([EVENTS.name])
        return {len(partition["replicas"]) for partition in topic["partitions"]}
    finally:
        await admin.close()


def _verified(bootstrap: str, redis_url: str, home: Path) -> str:
    """What `medpulse verify` prints; it must find nothing."""
    env = os.environ | {"MEDPULSE_KAFKA": bootstrap, "MEDPULSE_REDIS": redis_url, "MEDPULSE_HOME": str(home)}
    command = [sys.executable, "-m", "medpulse", "verify", "--window", "cumulative"]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.strip().splitlines()[-1]
