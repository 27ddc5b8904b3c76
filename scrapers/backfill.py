"""A backfill: the history of a source, page by page, at the pace of a poll, from the newest day back to the oldest.

Whatever stops it (a limit, a kill, a wall), the cursor says where to go on. What was seen is not published again, and what is
published is remembered as a poll remembers it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import islice

from events.messages import Outcome
from events.notice import Notice
from events.wire import envelopes, record
from scrapers.answer import Fetched
from scrapers.cursor import Cursor, Cursors, after, day_of, next_part
from scrapers.details import Details
from scrapers.files.attach import Files
from scrapers.history import Histories, all_appeared
from scrapers.letters import Letters, fits
from scrapers.lists import Publish
from scrapers.merge import placed
from scrapers.outcome import Verdict, fault, page_fault
from scrapers.pace import Pace
from scrapers.page import Historical, Parsed, Platform, Request
from scrapers.polite import backoff
from scrapers.reading import Reader, Reading
from scrapers.releases import Releases
from scrapers.round import Limits, Round
from scrapers.seen import Seen
from scrapers.source import Source

PATIENCE = 5
"""Times in a row that a host in trouble is waited for before a run ends."""

_REST, _LONGEST_REST = 60.0, 3600.0
_PASSES = frozenset({Outcome.OUTAGE, Outcome.THROTTLED})
_GONE = frozenset({404, 410})
Told = Callable[[Cursor], None]


class End(StrEnum):
    """Why a run ended: the span is done, the run had enough pages, or a page could not be read."""

    DONE = "done"
    ENOUGH = "enough"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """How a run ended. ``pages`` and ``published`` are of this run; the ``cursor`` counts over all of them."""

    end: End
    detail: str
    pages: int
    published: int
    cursor: Cursor


class OtherSpan(ValueError):
    """A backfill of the source over another span of days is not done. The text says what to do."""


class _Stop(Exception):
    """The run cannot go on; the verdict says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.detail)
        self.verdict = verdict


class Backfill:
    """Backfills sources. It may be cancelled at any moment; the cursor then stands before the page that was in hand."""

    def __init__(
        self,
        platform_of: Callable[[Source], Platform],
        reader: Reader,
        seen: Seen,
        cursors: Cursors,
        publish: Publish,
        pace: Pace,
        limits: Limits | None = None,
    ) -> None:
        self._platform_of = platform_of
        self._reader = reader
        self._seen = seen
        self._cursors = cursors
        self._send = publish
        self._pace = pace
        self.histories: Histories | None = None
        """Where the times of what is found are noted, for the rhythm of the source (`scrapers.timing`)."""
        self._rng = random.Random()
        self._letters = Letters(pace)
        bounds = limits or Limits()
        self._limits = replace(bounds, details=sys.maxsize, files=sys.maxsize if bounds.files else 0)
        self._asked: set[str] = set()
        self._releases = Releases(reader, seen, self._letters, self._publish)
        self._details = Details(reader, seen, self._letters)
        self._files = Files(reader, seen, self._letters)

    async def run(
        self, source: Source, first: date, last: date, *, pages: int | None = None, told: Told = lambda _: None
    ) -> BackfillReport:
        """Go on from the cursor, or begin; ``pages`` bounds this run. ``told`` hears of each page that was done.

        Raises `OtherSpan`, `CatalogError`, OSError (the archive's disk), and what the store and the broker raise.
        """
        self._asked.clear()
        begun = cursor = await self._begun(source, first, last)
        told(cursor)
        try:
            while not cursor.done and (pages is None or cursor.pages - begun.pages < pages):
                cursor = await self._step(source, cursor)
                await self._cursors.save(source.id, cursor)
                told(cursor)
        except _Stop as stop:
            return _report(End.STOPPED, f"{stop.verdict.outcome.value}: {stop}", begun, cursor)
        if cursor.done:
            return _report(End.DONE, "the whole span was read", begun, cursor)
        return _report(End.ENOUGH, f"this run was to read {pages} pages", begun, cursor)

    async def _begun(self, source: Source, first: date, last: date) -> Cursor:
        kept = await self._cursors.load(source.id)
        if kept is None or (kept.done and (kept.first, kept.last) != (first, last)):
            return Cursor(first=first, last=last, started=self._pace.now())
        if (kept.first, kept.last) != (first, last):
            raise OtherSpan(
                f"the backfill of {source.id} from {kept.first} to {kept.last} is not done: finish it, or --restart"
            )
        return kept

    async def _step(self, source: Source, cursor: Cursor) -> Cursor:
        """Read one page, and publish what of it is news. Raises `_Stop`."""
        part = next(islice(self._parts(source, cursor), cursor.part, None), None)
        if part is None:
            return cursor.model_copy(update={"done": True})
        request = cursor.next or part
        reading = await self._read(source, request)
        page = await self._judged(source, cursor, reading)
        if page is None:
            return next_part(cursor.model_copy(update={"pages": cursor.pages + 1}))
        days = [day for notice in page.notices if (day := day_of(source, notice)) is not None]
        mine = [notice for notice in page.notices if cursor.spans(day_of(source, notice))]
        published = await self._take(source, reading, page, mine)
        self._asked.add(request.url)
        following = page.next_page if page.notices else None
        another = following is not None and _is_list(source, following)
        parted = another and isinstance(self._platform_of(source), Historical)  # it is read when its turn comes
        if parted or (following is not None and following.url in self._asked):
            following = None
        return after(cursor, following, days, len(mine), published, other_list=another)

    def _parts(self, source: Source, cursor: Cursor) -> Iterator[Request]:
        platform = self._platform_of(source)
        if isinstance(platform, Historical):
            return platform.history(source, cursor.first, cursor.last)
        return iter([platform.first(source, self._pace.now())])

    async def _read(self, source: Source, request: Request) -> Reading:
        """The answer, a host in trouble waited for. Raises `_Stop`."""
        times = 0
        while True:
            reading = await self._reader.read(source, request)
            found = page_fault(reading.answer, reading.read, reading.retry_after)
            if found is None or found.outcome not in _PASSES:
                return reading
            times += 1
            await self._rest(found, times)

    async def _rest(self, found: Verdict, times: int) -> None:
        """Wait as long as a host in trouble asks for, longer with each time. Raises `_Stop` for a wall, and after too many."""
        asked = found.retry_after or 0.0
        if found.outcome not in _PASSES or times > PATIENCE or asked > _LONGEST_REST:
            raise _Stop(found)
        await self._pace.sleep(max(asked, backoff(times, _REST, _LONGEST_REST, self._rng.random())))

    async def _judged(self, source: Source, cursor: Cursor, reading: Reading) -> Parsed | None:
        """The list that was read; None past the end of it. Raises `_Stop`, a dead letter sent, for one that cannot be read."""
        if cursor.pages and isinstance(reading.answer, Fetched) and reading.answer.status in _GONE:
            return None  # many sites do not say which page of a list is the last
        found = page_fault(reading.answer, reading.read, reading.retry_after)
        if found is None and not cursor.pages:  # the newest page; older ones, and other days, may be empty
            found = fault(source, reading.answer, reading.read)
        if found is not None:
            await self._send(list(map(record, self._letters.unreadable(source, reading, found))))
            raise _Stop(found)
        assert isinstance(reading.read, Parsed)
        return reading.read

    async def _take(self, source: Source, reading: Reading, page: Parsed, mine: Sequence[Notice]) -> int:
        """Publish what of these items is new or changed, each with its own page; returns how many. Raises `_Stop`."""
        assert isinstance(reading.answer, Fetched)
        known = await self._seen.known(source.id, [row.item_key for row in mine])
        fresh = [row for row in mine if known.get(row.item_key) != row.content_hash]
        hashes = {row.item_key: row.content_hash for row in fresh}
        left = [placed(row, reading.pointer, reading.answer.illustrative) for row in fresh]
        times = done = 0
        while left:
            at = Round(source, self._limits)
            ready = await self._details.completed(at, left, page.details)
            ready = await self._releases.completed(at, ready, page.releases)
            ready = await self._files.completed(at, ready)
            await self._publish(at, ready, hashes)
            await self._send(list(map(record, at.letters)))
            done += len(ready)
            keys = {notice.item_key for notice in ready}
            left = [row for row in left if row.item_key not in keys]
            times = times + 1 if at.stopped and not ready else 0
            if at.stopped:
                await self._rest(at.problems[-1], max(times, 1))
        return done

    async def _publish(self, at: Round, ready: Sequence[Notice], hashes: dict[str, str]) -> None:
        """Send notices; what the broker has acknowledged is marked as seen, by the hash of its row."""
        if not ready:
            return
        made = envelopes(at.source.id, ready)
        lost = [self._letters.too_large(at.source, one) for one in made if not fits(one)]
        await self._send([*(one for one in made if fits(one)), *map(record, lost)])
        await self._seen.mark(at.source.id, {notice.item_key: hashes[notice.item_key] for notice in ready})
        if self.histories is not None:
            await self.histories.note(at.source.id, all_appeared(ready, None, self._pace.now()))


def _is_list(source: Source, request: Request) -> bool:
    """Whether a page that follows is one more list that the source's file names, and not an older page of the same."""
    return any(request.url in value for value in source.params.values() if isinstance(value, list))


def _report(end: End, detail: str, begun: Cursor, cursor: Cursor) -> BackfillReport:
    return BackfillReport(end, detail, cursor.pages - begun.pages, cursor.published - begun.published, cursor)
