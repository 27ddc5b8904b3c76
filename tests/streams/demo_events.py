"""The demo's events without its servers: the town asked once a quarter by the real scrapers, its notices enriched."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from events.clock import VirtualClock
from events.event import EventBase
from events.notice import Notice, NoticeBatch
from events.topics import NOTICES
from events.wire import Record, decode
from medpulse.demo import END, rounds, sources
from scrapers.fetch import FetchSettings
from scrapers.polite import Manners
from scrapers.room import Outfit, open_runner
from scrapers.round import Limits
from scrapers.seen import MemorySeen
from simulator.facts import facts
from simulator.town import Town
from simulator.transport import TownTransport
from streams.agents.dedupe import novel
from streams.enrich.events import events_of

QUARTERS = [datetime(year, month, 28, 8, tzinfo=UTC) for year in (2020, 2021, 2022) for month in (3, 6, 9, 12)][:11]
EVERYTHING = Limits(pages=100, details=5000)


async def demo_events(folder: Path) -> list[EventBase]:
    """The events of January 2020 to September 2022, in the order in which they were seen."""
    seen, notices = MemorySeen(), list[Notice]()

    async def keep(records: Sequence[Record]) -> None:
        batches = (decode(NoticeBatch, r.value) for r in records if r.topic is NOTICES)
        notices.extend(itertools.chain.from_iterable(batch.notices for batch in batches))

    for quarter in QUARTERS:
        clock = VirtualClock(quarter)
        town = TownTransport(Town(facts(), clock))
        outfit = Outfit(
            folder, FetchSettings(), Manners(robots_ttl=1e9), EVERYTHING, transport=town, simulated=True, seed=1
        )
        async with open_runner(outfit, clock, seen, keep) as runner:
            for source in sources():
                report = await runner.poll(source)
                assert report.outcome.healthy, report.detail
    for table in rounds(END):
        notices.extend(table)
    return [event for notice in novel(notices, {}) for event in events_of(notice)]
