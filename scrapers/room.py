"""The scrapers at work: every source polled on its cadence, hosts side by side, one request at a time for each."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from redis.exceptions import RedisError

from events import telemetry
from events.clock import Clock
from scrapers.archive import Archive
from scrapers.exchange import Transport
from scrapers.fetch import Fetcher, FetchSettings
from scrapers.lease import Lease, Leases
from scrapers.outlet import Publish
from scrapers.pace import Pace
from scrapers.page import Platform
from scrapers.parse import parse
from scrapers.platforms import platform_of
from scrapers.polite import Listener, Manners, Polite
from scrapers.reading import Parse, Reader
from scrapers.round import Limits
from scrapers.runner import PollReport, Runner
from scrapers.seen import Fenced, Seen
from scrapers.source import Source
from scrapers.timing import Timing

log = structlog.get_logger(__name__)
_START_SPREAD = 5.0
_LOOK_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class Outfit:
    """What the scrapers work with. ``archive`` is a folder; a new WARC file begins there after ``roll_after``.

    ``transport`` takes the place of the network; ``simulated`` believes its header of illustrative rows. ``seed`` makes the
    jitter the same every time. ``heard`` is told of every request.
    """

    archive: Path
    settings: FetchSettings = field(default_factory=FetchSettings)
    manners: Manners = field(default_factory=Manners)
    limits: Limits = field(default_factory=Limits)
    roll_after: timedelta = timedelta(days=1)
    transport: Transport | None = None
    simulated: bool = False
    seed: int | None = None
    heard: Listener | None = None


@asynccontextmanager
async def open_reader(
    outfit: Outfit, clock: Clock, parse: Parse = parse
) -> AsyncIterator[tuple[Reader, Pace, random.Random]]:
    """A polite reader with its connections and its archive, closed at the end; the pace that it keeps, and its dice."""
    pace, rng = Pace(clock), random.Random(outfit.seed)
    fetcher = Fetcher(outfit.settings, clock, transport=outfit.transport, simulated=outfit.simulated)
    async with fetcher:
        with Archive(outfit.archive, roll_after=outfit.roll_after) as archive:
            yield Reader(Polite(fetcher, pace, rng, outfit.manners, outfit.heard), archive, parse, pace), pace, rng


@asynccontextmanager
async def open_runner(
    outfit: Outfit,
    clock: Clock,
    seen: Seen,
    publish: Publish,
    platform_of: Callable[[Source], Platform] = platform_of,
    parse: Parse = parse,
    timing: Timing | None = None,
) -> AsyncIterator[Runner]:
    """A runner with its connections and its archive, closed at the end. Without ``timing`` polls keep to the cadence."""
    async with open_reader(outfit, clock, parse) as (reader, pace, rng):
        runner = Runner(platform_of, reader, seen, publish, pace, rng, outfit.limits)
        runner.timing = timing
        yield runner


class ScraperRoom:
    """Polls sources until it is told to stop. All its waiting is on the clock, so that a virtual one can drive it."""

    def __init__(
        self,
        runner: Runner,
        sources: Iterable[Source],
        *,
        seed: int | None = None,
        told: Callable[[PollReport], None] | None = None,
        leases: Leases | None = None,
    ) -> None:
        """``told`` hears of each poll that has ended. With ``leases`` the hosts are shared with other processes.

        Raises `CatalogError` for a source that cannot be polled.
        """
        self._runner = runner
        self._pace = runner.pace
        self._rng = random.Random(seed)
        self._told = told
        self._leases = leases
        self._hosts: defaultdict[str, list[Source]] = defaultdict(list)
        for source in sources:
            self._hosts[urlsplit(runner.first(source).url).netloc].append(source)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set, then return at once: a poll under way is dropped, and the next start repeats it."""
        if self._leases is None:
            await self._every(self._polled, stop)
            return
        async with self._leases.kept(list(self._hosts)):
            await self._every(partial(self._leased, self._leases), stop)

    async def _every(
        self, work: Callable[[str, asyncio.Event], Coroutine[Any, Any, None]], stop: asyncio.Event
    ) -> None:
        """Do the work for every host, side by side, until ``stop`` is set."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work(host, stop)) for host in self._hosts]
            await stop.wait()
            for task in tasks:
                task.cancel()

    async def settled(self) -> None:
        """Return once every source waits for the clock. A virtual clock is moved on only then, to its ``next_wake``."""
        await self._pace.settled()

    async def _leased(self, leases: Leases, host: str, stop: asyncio.Event) -> None:
        """Poll a host whenever it is ours; a poll under way is dropped when it no longer is."""
        while not stop.is_set():
            lease = await leases.of(host)
            polling = asyncio.create_task(self._under(lease, stop))
            lost = asyncio.create_task(lease.lost.wait())
            try:
                await asyncio.wait([polling, lost], return_when=asyncio.FIRST_COMPLETED)
            finally:
                polling.cancel()
                lost.cancel()
                await asyncio.gather(polling, lost, return_exceptions=True)
            if not polling.cancelled():
                polling.result()

    async def _under(self, lease: Lease, stop: asyncio.Event) -> None:
        """Poll the sources of a host under a lease. Before the first poll their fences are raised, whatever that takes."""
        while True:
            try:
                await self._runner.hold(self._hosts[lease.host], lease.token)
            except (Fenced, RedisError, OSError) as error:
                log.warning("lease.not_used", host=lease.host, error=repr(error))
                await asyncio.sleep(_LOOK_AGAIN)
            else:
                break
        await self._polled(lease.host, stop, lease)

    async def _polled(self, host: str, stop: asyncio.Event, lease: Lease | None = None) -> None:
        """The sources of one host, one after the other, each when it is due.

        ``stop`` is looked at besides being cancelled: asyncio.wait_for, by which redis-py sends what a socket does not take at
        once, loses a cancellation that comes as it is done (until Python 3.12).
        """
        sources = self._hosts[host]
        with self._pace.working():
            due = {source.id: await self._first_due(source, shared=lease is not None) for source in sources}
            while not stop.is_set():
                source = min(sources, key=lambda one: due[one.id])
                if (wait := (due[source.id] - self._pace.now()).total_seconds()) > 0:
                    await self._pace.sleep(wait)
                if lease is not None and lease.lost.is_set():
                    return
                report = await self._poll(source, lease)
                due[source.id] = report.health.next_poll_at or self._in(source.cadence)
                self._tell(report)

    async def _poll(self, source: Source, lease: Lease | None) -> PollReport:
        if lease is None:
            return await self._runner.poll(source)
        lease.busy = True
        try:
            return await self._runner.poll(source)
        finally:
            lease.busy = False

    async def _first_due(self, source: Source, *, shared: bool) -> datetime:
        """Soon; but a site that was unwell or unwilling at the end of the last process is left alone as long as it was owed.

        A host that is ``shared`` may come from another process that polls it just as well: its polls go on when they are due.
        """
        soon = self._in(_START_SPREAD * self._rng.random())
        previous = await self._runner.health(source)
        if previous is None or previous.next_poll_at is None or (previous.outcome.healthy and not shared):
            return soon
        return max(soon, min(previous.next_poll_at, self._in(86_400)))

    def _in(self, seconds: float) -> datetime:
        return self._pace.now() + timedelta(seconds=seconds)

    def _tell(self, report: PollReport) -> None:
        telemetry.POLLS.labels(telemetry.bounded("polls", "source", report.source_id), report.outcome.value).inc()
        say = log.info if report.outcome.healthy and report.unrecorded is None else log.warning
        say(
            "poll",
            source=report.source_id,
            outcome=report.outcome.value,
            detail=report.detail,
            items_new=report.items_new,
            next_poll_at=str(report.health.next_poll_at),
            next_poll_why=report.health.next_poll_why,
            unrecorded=report.unrecorded,
            trace_id=report.trace_id,
        )
        if self._told:
            self._told(report)
