"""(a) The limit: aiokafka ``getmany`` and orjson, nothing done with what was read."""

from __future__ import annotations

import asyncio
import sys

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer

from bench.flow.cost import Meter
from bench.flow.load import PLAIN


async def run(bootstrap: str, many: int) -> None:
    """Read as a member of a group, as every contender does."""
    meter = Meter(many)
    consumer = AIOKafkaConsumer(
        PLAIN.name,
        bootstrap_servers=bootstrap,
        group_id="flow-raw",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        while True:
            for messages in (await consumer.getmany(timeout_ms=200, max_records=2000)).values():
                meter.first()
                for message in messages:
                    orjson.loads(message.value)
                if meter.did(len(messages)):
                    return
    finally:
        await consumer.stop()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(run(sys.argv[1], int(sys.argv[3])))
