"""A backfill, wired to the house: one at a time for a source, with a bar and an estimate, and a place to go on from."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from events.clock import monotonic
from medpulse.errors import Failure
from medpulse.house import House, drained
from medpulse.jobs import job
from medpulse.output import errors
from medpulse.scraping import chosen, outfit
from medpulse.settings import Settings
from scrapers.backfill import Backfill, BackfillReport, OtherSpan
from scrapers.cursor import Cursor, RedisCursors
from scrapers.history import RedisHistories
from scrapers.platforms import platform_of
from scrapers.room import open_reader
from scrapers.seen import RedisSeen
from scrapers.source import Source


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: civil days in the zone of the source; ``last`` None goes on where it was, or means today."""

    source_id: str
    first: date
    last: date | None = None
    pages: int | None = None
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Backfilled:
    """How a run ended: its report, or None and the cursor where it was interrupted."""

    report: BackfillReport | None
    cursor: Cursor


async def backfill(settings: Settings, asked: Asked) -> Backfilled:
    """Page through the history of a source, and return once what was published has been processed. Raises `Failure`."""
    (source,) = chosen((asked.source_id,))

    async def work(home: House, stop: asyncio.Event) -> Backfilled:
        cursors = Settled(home) if home.settings.embedded else RedisCursors(home.redis)
        if asked.restart:
            await cursors.forget(source.id)
        last = asked.last or await _last(cursors, source, asked.first, home)
        if last < asked.first:
            raise Failure(f"--from {asked.first} lies after --to {last}")
        send = partial(home.publisher.send_until_done, stage="backfill")
        async with open_reader(outfit(settings), home.clock) as (reader, pace, _):
            engine = Backfill(platform_of, reader, RedisSeen(home.redis), cursors, send, pace)
            engine.histories = RedisHistories(home.redis)
            with _shown(source) as told:
                run = engine.run(paced(source, home), asked.first, last, pages=asked.pages, told=told)
                report = await _unless(stop, asyncio.create_task(run))
        begun = Cursor(first=asked.first, last=last, started=home.clock.now())
        return Backfilled(report, report.cursor if report else await cursors.load(source.id) or begun)

    with _alone(settings.home.absolute(), source):
        try:
            return await job(settings, work)
        except OtherSpan as error:
            raise Failure(str(error)) from error


class Settled(RedisCursors):
    """Cursors on the embedded broker, which a kill robs of what was not yet processed: saved once nothing is left of that."""

    def __init__(self, home: House) -> None:
        super().__init__(home.redis)
        self._home = home

    async def save(self, source_id: str, cursor: Cursor) -> None:
        """Replace the cursor of a source, once everything that was published has been processed. Raises `Failure`."""
        await drained(self._home, asyncio.Event(), streams_only=not self._home.backends.attended)
        await super().save(source_id, cursor)


def paced(source: Source, home: House) -> Source:
    """The source, asked half as often where an instance runs, which polls the same host."""
    return source.model_copy(update={"delay": source.delay * 2}) if home.backends.attended else source


async def _last(cursors: RedisCursors, source: Source, first: date, home: House) -> date:
    kept = await cursors.load(source.id)
    if kept is not None and not kept.done and kept.first == first:
        return kept.last
    return home.clock.now().astimezone(source.zone).date()


async def _unless(stop: asyncio.Event, run: asyncio.Task[BackfillReport]) -> BackfillReport | None:
    """The report of a run; None where it was stopped, which it may be at any moment."""
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([run, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        if not run.done():
            run.cancel()
        await asyncio.wait([run])
    return None if run.cancelled() else run.result()


@contextmanager
def _alone(home: Path, source: Source) -> Iterator[None]:
    """Hold the lock of a source's backfill. Raises `Failure` where another process has it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"backfill-{source.id}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"a backfill of {source.id} runs already on {home}: wait for it, or stop it") from None
        yield


def remaining(begun: float, now: float, seconds: float) -> float | None:
    """Seconds that are left, by the part of the span that ``seconds`` took from ``begun`` to ``now``; None where none did."""
    return seconds * (1 - now) / (now - begun) if now > begun else None


@contextmanager
def _shown(source: Source) -> Iterator[Callable[[Cursor], None]]:
    """A bar of days on standard error, where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    started, begun = monotonic(), -1.0
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as shown:
        task = shown.add_task(f"backfill of {source.id}", total=1.0, said="")

        def told(cursor: Cursor) -> None:
            nonlocal begun
            begun = cursor.fraction if begun < 0 else begun
            left = remaining(begun, cursor.fraction, monotonic() - started)
            eta = f", about {timedelta(seconds=round(left))} left" if left is not None else ""
            rate = f"{cursor.pages} pages, {cursor.published} of {cursor.items} items published"
            shown.update(task, completed=cursor.fraction, said=f"{rate}, back to {cursor.oldest or '?'}{eta}")

        yield told
