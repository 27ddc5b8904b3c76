"""``python -m bench.chaos.feeder SEED EVENTS PACE``: publishes the pages, one every ``PACE`` seconds, until all are out.

It stands where the scraper does, and keeps a scraper's order: what was published is remembered only once the broker has it,
so a kill repeats the last page and loses none. Addresses come from ``MEDPULSE_KAFKA`` and ``MEDPULSE_REDIS``.
"""

from __future__ import annotations

import asyncio
import os
import sys

from redis.asyncio import Redis

from bench.chaos.sector import PageOf, pages
from events.clock import SystemClock
from events.kafka import publisher
from events.wire import envelopes
from streams.sinks import surely

CURSOR = "chaos:fed"
"""How many pages are out."""
CALM = "chaos:calm"
"""Set once the storm is over: what is left is fed as fast as it goes."""


async def feed(told: list[PageOf], pace: float, kafka: str, redis: Redis) -> None:
    """Publish what is not out yet. Raises `BrokerAway` where the broker is away at the start."""
    clock = SystemClock()
    async with publisher(kafka, idempotent=True, redis=redis) as out:
        begin = int(await surely(lambda: redis.get(CURSOR), "feeder") or 0)
        for number, page in enumerate(told[begin:], start=begin + 1):
            await out.send_until_done(envelopes(page.source_id, page.notices), "feeder")
            await surely(lambda done=number: redis.set(CURSOR, done), "feeder")  # type: ignore[misc]
            calm = await surely(lambda: redis.exists(CALM), "feeder")
            await clock.sleep(0.0 if calm else pace)


async def main(seed: int, events: int, pace: float) -> None:
    """Feed what the seed says."""
    redis: Redis = Redis.from_url(os.environ["MEDPULSE_REDIS"])
    try:
        await feed(pages(seed, events), pace, os.environ["MEDPULSE_KAFKA"], redis)
    finally:
        await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
