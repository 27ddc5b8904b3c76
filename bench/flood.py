"""``python -m bench.flood --notices N`` (`make flood`): a flood of notices meets one worker; its memory over time is printed.

Apache Kafka and redis-server are real. The notices are on the topic before the worker starts, in full envelopes, so that it
reads as fast as it can. Exit code 1 if the resident set passes ``--limit`` megabytes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis.asyncio import Redis

from bench.real import apache_kafka, debian_redis
from events.clock import SystemClock, monotonic
from events.kafka import Publisher, create_topics, publisher
from events.notice import Notice
from events.topics import BATCH_NOTICES
from events.view import layout
from events.view.reader import View
from events.wire import envelopes
from medpulse.embedded.process import Leashed

LOOK_SECONDS = 5.0
AT = datetime(2021, 1, 4, tzinfo=UTC)
BODY = "审核状态更新。" * 60
"""About the length of a notice."""
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def notices(many: int) -> Iterator[list[Notice]]:
    """Listing projects, an envelope's worth at a time: each becomes one event."""
    for begin in range(0, many, BATCH_NOTICES):
        yield [_notice(number) for number in range(begin, min(many, begin + BATCH_NOTICES))]


def _notice(number: int) -> Notice:
    at = AT + timedelta(minutes=number % 500_000)
    fields = {
        "exchange": "SSE",
        "company": f"洪水{number % 300:03d}医疗科技有限公司",
        "project_id": str(number),
        "raw_status": "1",
    }
    return Notice.model_validate(
        {
            "notice_id": f"sse-ipo:{number}",
            "source_id": f"flood-{number // BATCH_NOTICES % 16}",
            "item_key": str(number),
            "url": "https://flood.invalid/",
            "title": "首次公开发行",
            "body": BODY,
            "published_at": at,
            "published_precision": "second",
            "detected_at": at,
            "fields": fields,
        }
    )


async def run(many: int, limit: int, folder: Path) -> bool:
    """Flood a worker; returns whether its memory stayed below ``limit`` megabytes."""
    for name in ("kafka", "redis"):
        (folder / name).mkdir()
    async with apache_kafka(folder / "kafka") as kafka, debian_redis(folder / "redis") as url:
        await create_topics(kafka)
        redis: Redis = Redis.from_url(url)
        async with publisher(kafka, idempotent=True, redis=redis) as out:
            await _pour(out, many)
        print(f"{many} notices are on the topic", flush=True)
        env = os.environ | {"MEDPULSE_KAFKA": kafka, "MEDPULSE_REDIS": url, "MEDPULSE_HOME": str(folder / "worker")}
        command = [sys.executable, "-m", "medpulse", "run", "worker"]
        worker = Leashed.start(command, name="worker", log=folder / "worker.log", env=env)
        try:
            most = await _looked_on(worker, redis, many)
        finally:
            await asyncio.to_thread(worker.stop)
            await redis.aclose()
    print(f"most {most:.0f} MB, limit {limit} MB")
    return most <= limit


async def _pour(out: Publisher, many: int) -> None:
    for some in notices(many):
        await out.send_until_done(envelopes(some[0].source_id, some), "flood")


async def _looked_on(worker: Leashed, redis: Redis, many: int) -> float:
    """Print the worker's memory until every event is applied; returns the most megabytes. Raises RuntimeError if it ends."""
    clock, began, most, applied = SystemClock(), monotonic(), 0.0, 0
    print(f"{'seconds':>8} {'RSS MB':>8} {'events applied':>15} {'notices behind':>15}", flush=True)
    while applied < many:
        await clock.sleep(LOOK_SECONDS)
        if worker.exit_code is not None:
            raise worker.failure("ended")
        applied = int(await redis.hlen(layout.applied(layout.FIRST)))
        behind = (await View(redis).backlog())[layout.STREAMS, "medpulse.notices"]
        rss = _resident(worker.pid)
        most = max(most, rss)
        print(f"{monotonic() - began:8.0f} {rss:8.0f} {applied:15d} {behind:9d} envel.", flush=True)
    return most


def _resident(leash: int) -> float:
    """Megabytes of the process on a leash (proc(5), statm)."""
    children = Path(f"/proc/{leash}/task/{leash}/children").read_text().split()
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in children) * PAGE_KIB / 1024


def main() -> int:
    """Parse, flood, judge."""
    parser = argparse.ArgumentParser(prog="make flood", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--notices", type=int, default=1_000_000)
    parser.add_argument("--limit", type=int, default=700, help="megabytes that the worker may have")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="medpulse-flood-") as folder:
        return 0 if asyncio.run(run(asked.notices, asked.limit, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
