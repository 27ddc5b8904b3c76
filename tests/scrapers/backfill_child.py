"""A backfill in a process of its own, killed where it is told.

``python -m tests.scrapers.backfill_child TOWN REDIS KAFKA FOLDER WHERE N``: ``WHERE`` is ``sent`` (the broker has acknowledged
a page's items, nothing is marked), ``marked`` (the items are marked, the cursor stands before the page), ``saved`` (the cursor
was moved on) or ``never``; ``N`` is the how-manieth time. Prints the report as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from redis.asyncio import Redis

from events.clock import SystemClock
from events.kafka import publisher
from events.topics import NOTICES
from events.wire import Record
from scrapers.backfill import Backfill
from scrapers.cursor import Cursor, RedisCursors
from scrapers.platforms import platform_of
from scrapers.room import Outfit, open_reader
from scrapers.seen import RedisSeen
from scrapers.source import catalog
from simulator.transport import MappedTransport

SOURCE, FIRST, LAST = "nmpa-delivery", date(2021, 6, 1), date(2022, 6, 30)


class _Fuse:
    """Kills the process, as ``kill -9`` does, at the n-th spark of one kind."""

    def __init__(self, where: str, left: int) -> None:
        self._where, self._left = where, left

    def spark(self, where: str) -> None:
        self._left -= where == self._where
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class _Seen(RedisSeen):
    fuse: _Fuse

    async def mark(self, source_id: str, hashes: Mapping[str, str]) -> None:
        await super().mark(source_id, hashes)
        self.fuse.spark("marked")


class _Cursors(RedisCursors):
    fuse: _Fuse

    async def save(self, source_id: str, cursor: Cursor) -> None:
        await super().save(source_id, cursor)
        self.fuse.spark("saved")


async def _run(town: str, redis_url: str, kafka: str, folder: Path, fuse: _Fuse) -> dict[str, object]:
    source = catalog()[SOURCE].model_copy(update={"delay": 0.0})
    redis: Redis = Redis.from_url(redis_url)
    seen, cursors = _Seen(redis), _Cursors(redis)
    seen.fuse = cursors.fuse = fuse
    outfit = Outfit(folder, transport=MappedTransport(town), simulated=True, seed=1)
    async with publisher(kafka, idempotent=False) as out, open_reader(outfit, SystemClock()) as (reader, pace, _):

        async def send(records: Sequence[Record]) -> None:
            await out.send(records)
            if any(record.topic is NOTICES for record in records):
                fuse.spark("sent")

        report = await Backfill(platform_of, reader, seen, cursors, send, pace).run(source, FIRST, LAST)
    await redis.aclose()
    return {"end": report.end.value, "pages": report.pages, "published": report.published}


if __name__ == "__main__":
    fuse = _Fuse(sys.argv[5], int(sys.argv[6]))
    town, redis_url, kafka, folder = sys.argv[1:5]
    print(json.dumps(asyncio.run(_run(town, redis_url, kafka, Path(folder), fuse))))
