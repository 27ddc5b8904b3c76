"""The scrapers' room, wired to the house: archive folder, memory in Redis, messages to Kafka."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import structlog
from redis.asyncio import Redis

from events.kafka import BrokerAway
from events.view import layout
from events.wire import Record
from medpulse.errors import Failure
from medpulse.house import House
from medpulse.settings import Settings
from scrapers.exchange import Transport
from scrapers.fetch import FetchSettings
from scrapers.history import RedisHistories
from scrapers.outlet import Publish
from scrapers.polite import Listener
from scrapers.room import Outfit, open_runner
from scrapers.runner import Runner
from scrapers.seen import RedisSeen
from scrapers.source import Source, catalog, tls_exceptions
from scrapers.spool import opened
from scrapers.spooled import Spooled, Waiting
from scrapers.timing import Timing

log = structlog.get_logger()
ONE_FILE = timedelta(days=3650)
BROKER_SECONDS = 30.0
"""How long a poll waits for a broker that is away; without an end its host would not be polled any more."""


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
    """How sites are asked. With ``town``, or where the settings name one, the simulator takes the place of the network.

    Its marks of illustrative rows are then believed.
    """
    fetch = FetchSettings(contact=settings.contact, tls_exceptions=tls_exceptions(), browser=settings.browser)
    worn = Outfit(settings.home.absolute() / "archive", fetch)
    if town is None:
        return _simulated(worn, settings.simulator) if settings.simulator else worn
    # A time-lapse polls every other virtual day, and what it shows is made by the lists: it watches no item.
    unwatched = replace(worn.limits, recent=0)
    return replace(worn, transport=town, simulated=True, roll_after=ONE_FILE, seed=1, limits=unwatched)


def _simulated(worn: Outfit, url: str) -> Outfit:
    # A town takes time to build, and a real poll asks for none.
    from simulator.transport import MappedTransport  # noqa: PLC0415

    return replace(worn, transport=MappedTransport(url), simulated=True)


def archive_folder(settings: Settings) -> Path:
    """Where every answer is kept."""
    return outfit(settings).archive


@asynccontextmanager
async def runner(
    home: House, town: Transport | None = None, publish: Publish | None = None, heard: Listener | None = None
) -> AsyncIterator[Runner]:
    """A runner that publishes to the house's Kafka (or by ``publish``, see `spooled`) and remembers in its Redis.

    ``heard`` is told of every request.

    While Kafka is away a poll by hand ends as an outage: what it read is in the archive and stays unseen, so that the next one
    finds it news. A time-lapse waits instead, since nothing would be left to poll afterwards.
    """
    send = partial(home.publisher.send_until_done, stage="scrape")
    publish = publish or (send if town is not None else within(send, BROKER_SECONDS))
    planned = timing(home.settings, home.redis) if town is None and home.settings.schedule == "learned" else None
    worn = replace(outfit(home.settings, town), heard=heard)
    async with open_runner(worn, home.clock, RedisSeen(home.redis), publish, timing=planned) as made:
        yield made


@asynccontextmanager
async def spooled(home: House) -> AsyncIterator[Publish]:
    """Publishing for the scrapers' room: while Kafka is away, what polls find waits on disk, and follows in order.

    What still waits at the end is sent by the next start on the same data folder. Raises OSError (the disk).
    """
    settings = home.settings
    with opened(settings.home.absolute() / "spool", settings.spool_mb * 1024 * 1024) as spool:
        owner = f"{socket.gethostname()}:{spool.folder}"
        send = partial(home.publisher.send_until_done, stage="spool")
        publish = Spooled(send, spool, BROKER_SECONDS, partial(_tell, home.redis, owner))
        draining = asyncio.create_task(publish.drain())
        try:
            yield publish
        finally:
            draining.cancel()
            await asyncio.wait([draining])
            if waiting := publish.waiting.batches:
                log.warning("spool.left", batches=waiting, folder=str(spool.folder), remedy="the next start sends them")


async def _tell(redis: Redis, owner: str, waiting: Waiting) -> None:
    client: Any = redis
    if waiting.since is None:
        await client.hdel(layout.SPOOLS, owner)
        return
    said = {"batches": waiting.batches, "bytes": waiting.size, "since": waiting.since.isoformat(timespec="seconds")}
    await client.hset(layout.SPOOLS, owner, orjson.dumps(said))


def timing(settings: Settings, redis: Redis) -> Timing:
    """What plans the polls of the sources that are polled here, from their histories in Redis."""
    return Timing(chosen(settings.chosen_sources), RedisHistories(redis), settings.polls_per_day)


def within(publish: Publish, seconds: float) -> Publish:
    """Publishing that gives up after ``seconds`` of real time. It then raises `BrokerAway`; some may have been sent."""

    async def patiently(records: Sequence[Record]) -> None:
        try:
            async with asyncio.timeout(seconds):
                await publish(records)
        except TimeoutError as error:
            raise BrokerAway(f"Kafka took nothing for {seconds:g} s; the next poll publishes it") from error

    return patiently


async def nowhere(_records: Sequence[object]) -> None:
    """Nothing is published in a dry poll."""
