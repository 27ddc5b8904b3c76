"""(c) The same job as Faust's manual writes it: a Record an event, a Table for what was seen, one Redis call each."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import faust
import uvloop
from faust.worker import Worker
from redis.asyncio import Redis

from bench.flow.cost import Meter
from bench.flow.load import PLAIN
from bench.flow.peers.job import meaning
from events.notice import Notice
from streams.store import Store


class NoticeRecord(faust.Record, serializer="json", include_metadata=False):  # type: ignore[misc,call-arg]
    """A notice as Faust models it."""

    notice_id: str
    source_id: str
    item_key: str
    url: str
    title: str
    published_at: str
    published_precision: str
    detected_at: str
    content_hash: str
    fields: dict[str, Any]
    rows: list[dict[str, Any]]


def make_app(bootstrap: str, url: str, many: int) -> Any:
    """One agent that does all three steps: with a topic between them, as the manual would, it costs more."""
    app = faust.App(
        "flow-faust",
        broker=f"aiokafka://{bootstrap}",
        store="memory://",
        topic_partitions=PLAIN.partitions,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    redis: Redis = Redis.from_url(url)
    store, meter = Store(redis), Meter(many)
    seen = app.Table("seen", default=str, partitions=PLAIN.partitions)
    topic = app.topic(PLAIN.name, key_type=str, key_serializer="raw", value_type=NoticeRecord)

    @app.task  # type: ignore[untyped-decorator,unused-ignore]
    async def loaded() -> None:
        await store.load()

    @app.agent(topic)  # type: ignore[untyped-decorator,unused-ignore]
    async def pulse(stream: Any) -> None:
        async for record in stream:
            meter.first()
            if seen[record.notice_id] != record.content_hash:
                seen[record.notice_id] = record.content_hash
                await store.apply(meaning([Notice.model_validate(record.asdict())]))
            if meter.did():
                os._exit(0)

    return app


if __name__ == "__main__":
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    made = make_app(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    Worker(
        made, loop=loop, loglevel="WARN", redirect_stdouts=False, override_logging=False, quiet=True
    ).execute_from_commandline()
