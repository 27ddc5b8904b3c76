"""The scrapers at work: every source polled on its cadence, hosts side by side, one request at a time for each."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from events.clock import Clock
from scrapers.archive import Archive
from scrapers.fetch import Fetcher, FetchSettings, Transport
from scrapers.lists import Publish
from scrapers.pace import Pace
from scrapers.page import Platform
from scrapers.parse import parse
from scrapers.platforms import platform_of
from scrapers.polite import Manners, Polite
from scrapers.reading import Parse, Reader
from scrapers.round import Limits
from scrapers.runner import PollReport, Runner
from scrapers.seen import Seen
from scrapers.source import Source

log = structlog.get_logger(__name__)
_START_SPREAD = 5.0


@dataclass(frozen=True, slots=True)
class Outfit:
    """What the scrapers work with. ``archive`` is a folder; a new WARC file begins there after ``roll_after``.

    ``transport`` takes the place of the network; ``simulated`` believes its header of illustrative rows. ``seed`` makes the
    jitter the same every time.
    """

    archive: Path
    settings: FetchSettings = field(default_factory=FetchSettings)
    manners: Manners = field(default_factory=Manners)
    limits: Limits = field(default_factory=Limits)
    roll_after: timedelta = timedelta(days=1)
    transport: Transport | None = None
    simulated: bool = False
    seed: int | None = None


@asynccontextmanager
async def open_runner(
    outfit: Outfit,
    clock: Clock,
    seen: Seen,
    publish: Publish,
    platform_of: Callable[[Source], Platform] = platform_of,
    parse: Parse = parse,
) -> AsyncIterator[Runner]:
    """A runner with its connections and its archive, closed at the end."""
    pace, rng = Pace(clock), random.Random(outfit.seed)
    fetcher = Fetcher(outfit.settings, clock, transport=outfit.transport, simulated=outfit.simulated)
    async with fetcher:
        with Archive(outfit.archive, roll_after=outfit.roll_after) as archive:
            reader = Reader(Polite(fetcher, pace, rng, outfit.manners), archive, parse, pace)
            yield Runner(platform_of, reader, seen, publish, pace, rng, outfit.limits)


class ScraperRoom:
    """Polls sources until it is told to stop. All its waiting is on the clock, so that a virtual one can drive it."""

    def __init__(
        self,
        runner: Runner,
        sources: Iterable[Source],
        *,
        seed: int | None = None,
        told: Callable[[PollReport], None] | None = None,
    ) -> None:
        """``told`` hears of each poll that has ended. Raises `CatalogError` for a source that cannot be polled."""
        self._runner = runner
        self._pace = runner.pace
        self._rng = random.Random(seed)
        self._told = told
        self._hosts: defaultdict[str, list[Source]] = defaultdict(list)
        for source in sources:
            self._hosts[urlsplit(runner.first(source).url).netloc].append(source)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set, then return at once: a poll under way is dropped, and the next start repeats it."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._host(sources, stop)) for sources in self._hosts.values()]
            await stop.wait()
            for task in tasks:
                task.cancel()

    async def settled(self) -> None:
        """Return once every source waits for the clock. A virtual clock is moved on only then, to its ``next_wake``."""
        await self._pace.settled()

    async def _host(self, sources: Sequence[Source], stop: asyncio.Event) -> None:
        """The sources of one host, one after the other, each when it is due.

        ``stop`` is looked at besides being cancelled: asyncio.wait_for, which redis-py sends by, loses a cancellation that
        comes as it is done (until Python 3.12).
        """
        with self._pace.working():
            due = {source.id: await self._first_due(source) for source in sources}
            while not stop.is_set():
                source = min(sources, key=lambda one: due[one.id])
                if (wait := (due[source.id] - self._pace.now()).total_seconds()) > 0:
                    await self._pace.sleep(wait)
                report = await self._runner.poll(source)
                due[source.id] = report.health.next_poll_at or self._in(source.cadence)
                self._tell(report)

    async def _first_due(self, source: Source) -> datetime:
        """Soon; but a site that was unwell or unwilling at the end of the last process is left alone as long as it was owed."""
        soon = self._in(_START_SPREAD * self._rng.random())
        previous = await self._runner.health(source)
        if previous is None or previous.outcome.healthy or previous.next_poll_at is None:
            return soon
        return max(soon, min(previous.next_poll_at, self._in(86_400)))

    def _in(self, seconds: float) -> datetime:
        return self._pace.now() + timedelta(seconds=seconds)

    def _tell(self, report: PollReport) -> None:
        say = log.info if report.outcome.healthy and report.unrecorded is None else log.warning
        say(
            "poll",
            source=report.source_id,
            outcome=report.outcome.value,
            detail=report.detail,
            items_new=report.items_new,
            next_poll_at=str(report.health.next_poll_at),
            unrecorded=report.unrecorded,
        )
        if self._told:
            self._told(report)
