"""ENGINE.md, rules 1 and 4, on Apache Kafka: a worker that dies or raises at any step loses and doubles nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bench.chaos.judge import drained
from bench.chaos.sector import pages, standing
from events.kafka import create_topics, publisher
from events.view import layout
from events.wire import envelopes
from tests.integration.servers import apache_kafka
from tests.streams.fire import Worker
from tests.streams.plain import recomputed, stored

GRIEFS = (
    ("before-publish", "raise"),
    ("after-publish", "kill"),
    ("after-remember", "raise"),
    ("before-apply", "raise"),
    ("after-apply", "kill"),
    ("before-told", "raise"),
    ("after-told", "kill"),
    ("after-done", "kill"),
)
"""Where the workers come to grief, one after another, and how."""
PATIENCE = 300.0


@pytest.mark.asyncio
@pytest.mark.timeout(1500)
async def test_grief_at_every_step_in_turn_changes_no_number(real_redis_url: str, tmp_path: Path) -> None:
    """One worker after another meets the next page and comes to grief at its step; a sound one does what is left."""
    told = pages(4, 60 * (len(GRIEFS) + 1))
    redis: Redis = Redis.from_url(real_redis_url)
    # A broker of the test's own: what is counted is everything that its topics hold.
    async with apache_kafka(tmp_path) as kafka:
        try:
            await redis.flushall()
            await create_topics(kafka)
            worker = Worker(kafka, real_redis_url, tmp_path, idempotent=True)
            async with publisher(kafka, idempotent=True, redis=redis) as out:
                for number, page in enumerate(told):
                    await out.send(envelopes(page.source_id, page.notices))
                    if number < len(GRIEFS):
                        assert spoilt(worker, *GRIEFS[number]) != 0
                with worker:
                    await drained(kafka, redis, PATIENCE, groups=(layout.STREAMS,))
            ids = await redis.hkeys(layout.events(layout.FIRST))
            assert {layout.text(one) for one in ids} == standing(told).keys()
            assert await stored(redis) == recomputed(standing(told).values())
        finally:
            await redis.aclose()


def spoilt(worker: Worker, grief: str, how: str) -> int:
    """Run a worker that comes to grief; its exit code."""
    command = [sys.executable, "-m", "tests.integration.sabotaged", grief, how]
    return subprocess.run(command, env=worker.env, timeout=PATIENCE, capture_output=True, check=False).returncode
