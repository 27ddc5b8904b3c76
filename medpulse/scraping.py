"""The scrapers' room, wired to the house: archive folder, memory in Redis, messages to Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from events.clock import Clock
from medpulse.errors import Failure
from medpulse.settings import Settings
from scrapers.fetch import FetchSettings, Transport
from scrapers.room import Outfit, open_runner
from scrapers.runner import Runner
from scrapers.seen import MemorySeen, RedisSeen, Seen
from scrapers.source import Source, catalog, tls_exceptions

if TYPE_CHECKING:
    from medpulse.rooms import House  # with the board and the alerts, which a dry poll does without

ONE_FILE = timedelta(days=3650)


def chosen(ids: Sequence[str]) -> list[Source]:
    """The sources of these ids; for none, all of the catalogue but those of unverified markup, which must be named.

    Raises `Failure`, naming those there are.
    """
    known = catalog()
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise Failure(f"no source is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[one] for one in ids] if ids else [s for s in known.values() if s.status == "verified"]


def outfit(settings: Settings, town: Transport | None = None) -> Outfit:
    """How sites are asked. With ``town`` the simulator takes the place of the network, and its marks are believed."""
    worn = Outfit(
        settings.home.absolute() / "archive", FetchSettings(contact=settings.contact, tls_exceptions=tls_exceptions())
    )
    return worn if town is None else replace(worn, transport=town, simulated=True, roll_after=ONE_FILE, seed=1)


@asynccontextmanager
async def runner(home: House, town: Transport | None = None) -> AsyncIterator[Runner]:
    """A runner that publishes to the house's Kafka and remembers in its Redis."""
    publish = partial(home.publisher.send_until_done, stage="scrape")
    async with open_runner(outfit(home.settings, town), home.clock, RedisSeen(home.redis), publish) as made:
        yield made


@asynccontextmanager
async def dry_runner(settings: Settings, clock: Clock, seen: Seen | None = None) -> AsyncIterator[Runner]:
    """A runner that asks the real site, remembers nothing and publishes nothing: for a look at what a source says."""
    async with open_runner(outfit(settings), clock, seen or MemorySeen(), _nowhere) as made:
        yield made


async def _nowhere(_records: Sequence[object]) -> None:
    """Nothing is published in a dry poll."""
