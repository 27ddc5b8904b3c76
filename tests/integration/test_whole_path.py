"""The whole path on Apache Kafka and redis-server: from a page of the town to a line on the console, in four virtual months."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from events.clock import VirtualClock, shanghai_day
from events.messages import Delivery
from events.topics import ALERTS, DELIVERIES
from events.view.reader import View
from events.wire import decode
from medpulse.backends import Backends
from medpulse.demo import LAST_GROUPS, START, STRIDE, WatchedClock, sources, told
from medpulse.house import House, drained, house
from medpulse.rooms import run_alerts, together, worker_child
from medpulse.scraping import runner
from medpulse.settings import Settings
from scrapers.room import ScraperRoom
from simulator.facts import facts
from simulator.town import Town
from simulator.transport import TownTransport
from tests.kafka_read import read_all

pytestmark = pytest.mark.integration
END = datetime(2020, 5, 1, tzinfo=UTC)


@pytest.mark.asyncio
async def test_from_a_page_to_a_console_on_real_servers(
    kafka_bootstrap: str, real_redis_url: str, tmp_path: Path
) -> None:
    found = Backends(kafka_bootstrap, real_redis_url, idempotent=True, attended=False)
    clock, stop, said = VirtualClock(START), asyncio.Event(), io.StringIO()
    async with house(Settings(home=tmp_path), found, WatchedClock(clock)) as home:
        await home.redis.flushall()
        console = Console(file=said, width=200)
        await together(stop, worker_child(home).run(stop), run_alerts(home, stop, console), _polled(home, clock, stop))
        expected = [c for c in facts().certificates(shanghai_day(END)) if c.ai and c.device_class == 3]
        assert len(expected) > 0
        assert await View(home.redis).value("class3_certificates", shanghai_day(END)) == len(expected)
        told = [line for line in said.getvalue().splitlines() if "New Class III AI certificate" in line]
        assert len(told) == len(expected)
        records = [decode(Delivery, m.value) for m in await read_all(kafka_bootstrap, DELIVERIES)]
        alerts = {m.key for m in await read_all(kafka_bootstrap, ALERTS)}
        raised = {one for one in alerts if one is not None}
        assert {r.alert_id.encode() for r in records} == raised
        assert len(raised) >= len(expected)


async def _polled(home: House, clock: VirtualClock, stop: asyncio.Event) -> None:
    """Poll the town until `END`, then wait until everybody has done what follows from it."""
    scrapers = House(home.settings, home.backends, home.redis, home.publisher, clock)
    async with runner(scrapers, TownTransport(Town(facts(), clock))) as made:
        room, finished = ScraperRoom(made, sources(), seed=1), asyncio.Event()
        polling = asyncio.create_task(room.run(finished))
        await asyncio.sleep(0)
        await room.settled()
        while (wake := clock.next_wake()) is not None and wake <= END:
            await clock.advance_to(wake + STRIDE)
            await room.settled()
        finished.set()
        await polling
    await drained(home, stop)
    # What has arrived stands in its group; groups wait for more before they are told: time goes on for as long as that takes.
    await told(home, stop)
    await clock.advance_to(END + LAST_GROUPS)
    await told(home, stop)
