"""(e) The stretch: confluent-kafka in batches, the same pure functions, one Redis call a batch for each step. No framework."""

from __future__ import annotations

import asyncio
import sys

from confluent_kafka import Consumer
from redis.asyncio import Redis

from bench.flow.cost import Meter
from bench.flow.load import PLAIN
from bench.flow.peers.job import meaning
from events.notice import Notice
from events.view import layout
from streams.agents.dedupe import novel
from streams.store import Store


async def _done(redis: Redis, store: Store, batch: list[Notice]) -> None:
    found = await redis.hmget(layout.NOTICES, [one.notice_id for one in batch])
    pairs = ((one.notice_id, layout.text(raw).split(":", 1)) for one, raw in zip(batch, found, strict=True) if raw)
    passed = novel(batch, {key: (int(revision), content) for key, (revision, content) in pairs})
    if passed:
        await store.apply(meaning(passed))
        await redis.hset(
            layout.NOTICES, mapping={one.notice_id: f"{one.revision}:{one.content_hash}" for one in passed}
        )


def main(bootstrap: str, url: str, many: int) -> None:
    """Read until all are counted; offsets are committed after the effect."""
    meter = Meter(many)
    redis: Redis = Redis.from_url(url)
    store = Store(redis)
    settings = {"bootstrap.servers": bootstrap, "group.id": "flow-confluent", "auto.offset.reset": "earliest"}
    consumer = Consumer(settings | {"enable.auto.commit": False})
    consumer.subscribe([PLAIN.name])
    with asyncio.Runner() as runner:
        runner.run(store.load())
        while True:
            values = [value for one in consumer.consume(500, timeout=0.2) if (value := one.value()) is not None]
            if not values:
                continue
            meter.first()
            runner.run(_done(redis, store, [Notice.model_validate_json(value) for value in values]))
            consumer.commit(asynchronous=True)
            if meter.did(len(values)):
                return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
