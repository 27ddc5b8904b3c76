"""``python -m bench.latency.scraper URL``: the scrapers' room on one source, its host mapped to a server on loopback.

Everything else is as in ``medpulse run scraper``: the archive, the memory in Redis, the spool, the broker. The source is asked
four times a second, and needs no pause between two requests: the wait for the poll and manners are no part of what is measured.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from bench.latency.sector import SOURCE
from events.clock import SystemClock
from medpulse.backends import backends
from medpulse.house import house
from medpulse.rooms import stop_on_signal
from medpulse.scraping import outfit, spooled
from medpulse.settings import settings
from scrapers.room import ScraperRoom, open_runner
from scrapers.seen import RedisSeen
from scrapers.source import catalog
from simulator.transport import MappedTransport

EVERY_SECONDS = 0.25


async def main(url: str) -> None:
    """Poll until SIGTERM."""
    found, clock = settings(), SystemClock()
    source = catalog()[SOURCE].model_copy(update={"cadence": EVERY_SECONDS, "delay": 0.0})
    worn = replace(outfit(found), transport=MappedTransport(url))
    with stop_on_signal() as stop:
        async with backends(found) as addresses, house(found, addresses, clock) as home, spooled(home) as publish:
            async with open_runner(worn, clock, RedisSeen(home.redis), publish) as runner:
                await ScraperRoom(runner, [source]).run(stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
