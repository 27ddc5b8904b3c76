"""Jobs: commands that publish and end. They use the instance that runs, the servers that are set, or servers of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from redis.asyncio import Redis
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from events.clock import SystemClock
from events.flow import forget
from events.notice import Notice
from events.view import layout
from medpulse.backends import backends, store
from medpulse.errors import Failure
from medpulse.house import House, drained, house
from medpulse.output import errors
from medpulse.replay import Tally, archive_again, file_again, tally_of
from medpulse.rooms import stop_on_signal, together, worker_child
from medpulse.scraping import archive_folder, chosen
from medpulse.settings import Settings
from scrapers.archive_read import BrokenRecord
from scrapers.lists import Publish
from scrapers.reparse import Reparse, ReparseTally, What

T = TypeVar("T")
Work = Callable[[House, asyncio.Event], Coroutine[Any, Any, T]]
DIFFERENCES = 1000
"""How many differences a dry run lists at the most; it counts all."""

_AGAIN = "interrupted before everything was published; run it again: nothing is counted twice"


async def job(settings: Settings, work: Work[T]) -> T:
    """What ``work`` returns, once everything that it published has been processed.

    Its event is set by SIGINT and SIGTERM: the work then returns, or raises `Failure`, as soon as it can; a second signal ends
    the process. Raises what the work and the servers raise.
    """
    with stop_on_signal() as stop:
        async with backends(settings) as found, house(settings, found, SystemClock()) as home:
            end = asyncio.Event()
            working = asyncio.create_task(_to_the_end(home, work, stop, end))
            rooms = [] if found.attended else [worker_child(home).run(end)]
            await together(end, _unless(end, working), *rooms)
            if working.cancelled():
                raise Failure(_AGAIN)
            result = working.result()
            if not found.attended:
                await forget(home.redis)  # nobody watches for alerts here: what the rules did not read was not lost
            return result


async def _to_the_end(home: House, work: Work[T], stop: asyncio.Event, end: asyncio.Event) -> T:
    result = await work(home, stop)
    await drained(home, end, streams_only=not home.backends.attended)
    return result


async def _unless(end: asyncio.Event, work: asyncio.Task[T]) -> None:
    """Return once the work has ended; cancel it when ``end`` is set first, or when cancelled."""
    ended = asyncio.create_task(end.wait())
    try:
        await asyncio.wait([work, ended], return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended.cancel()
        if not work.done():
            work.cancel()
        await asyncio.wait([work])
    if not work.cancelled():
        work.result()


@contextmanager
def progress(what: str, total: float | None, unit: str) -> Iterator[Callable[[], None]]:
    """A bar with an estimate on standard error, where that is a terminal; the call moves it on by one."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as shown:
        task = shown.add_task(what, total=total)
        yield lambda: shown.advance(task)


@dataclass(frozen=True, slots=True)
class Reparsed:
    """A reparse that has ended: what it did, and, of a dry run, what it would change (`DIFFERENCES` at the most)."""

    tally: ReparseTally
    differences: list[dict[str, str]] = field(default_factory=list)


async def reparse(settings: Settings, source: str | None, since: datetime | None, *, dry: bool) -> Reparsed:
    """Read the archive again and publish what it says by today's parsers. Raises `Failure`."""
    if source is not None:
        chosen((source,))
    folder = archive_folder(settings)
    if dry:
        return await _compared(settings, folder, source, since)

    async def work(home: House, stop: asyncio.Event) -> ReparseTally:
        with archive_again(folder, home.clock, source, since) as (again, pages):
            send = partial(home.publisher.send_until_done, stage="reparse")
            await _through(again, pages, "reading the archive", stop)
            await again.publish(partial(known, home.redis), _stopped(send, stop))
            return again.tally

    return Reparsed(await job(settings, work))


async def _compared(settings: Settings, folder: Path, source: str | None, since: datetime | None) -> Reparsed:
    """A reparse that publishes nothing: what it would, held against what is known downstream."""
    differences: list[dict[str, str]] = []

    def note(notice: Notice, what: What) -> None:
        if what is not What.SAME and len(differences) < DIFFERENCES:
            said = {"source": notice.source_id, "what": what.value, "title": notice.title, "url": notice.url}
            differences.append(said)

    async with store(settings) as redis:
        with archive_again(folder, SystemClock(), source, since) as (again, pages), stop_on_signal() as stop:
            await _through(again, pages, "reading the archive", stop)
            await again.publish(partial(known, redis), None, note)
            return Reparsed(again.tally, differences)


async def replay(settings: Settings, file: Path) -> Tally:
    """Publish what the pages of a WARC file said, and return once it has been processed.

    Raises `Failure` if it is interrupted, or the file holds nothing that can be read.
    """
    broken: list[BrokenRecord] = []

    async def work(home: House, stop: asyncio.Event) -> Tally:
        with file_again(file, home.clock, broken.append) as (again, pages):
            send = partial(home.publisher.send_until_done, stage="replay")
            await _through(again, pages, f"replaying {file.name}", stop)
            await again.publish(partial(known, home.redis), _stopped(send, stop))
            return tally_of(again.tally, pages, broken)

    tally = await job(settings, work)
    if tally.broken and not tally.pages:
        raise Failure(f"{file} holds no page that can be read: {tally.broken[0]}")
    return tally


async def _through(again: Reparse, pages: int, what: str, stop: asyncio.Event) -> None:
    """Read every page. Raises `Failure` once ``stop`` is set: nothing has been published then."""
    with progress(what, pages, "pages") as done:
        for _ in again.read(done):
            await asyncio.sleep(0)
            if stop.is_set():
                raise Failure(_AGAIN)


def _stopped(send: Publish, stop: asyncio.Event) -> Publish:
    async def unless_stopped(records: Sequence[Any]) -> None:
        if stop.is_set():
            raise Failure(_AGAIN)
        await send(records)

    return unless_stopped


async def known(redis: Redis, ids: Sequence[str]) -> Mapping[str, str]:
    """The content hash of what was last passed on of each notice, for those of ``ids`` that were (`streams.agents.dedupe`)."""
    client: Any = redis
    found = await client.hmget(layout.NOTICES, list(ids)) if ids else []
    pairs = zip(ids, found, strict=True)
    return {one: layout.text(raw).partition(":")[2] for one, raw in pairs if raw is not None}
