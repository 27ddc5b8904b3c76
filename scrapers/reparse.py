"""An archive read again by today's parsers: what each item said last, its row joined to its own page, as a poll joins them.

Pages are read from the newest to the oldest, so that the first state of an item that is met is its latest; older ones would
come out of the dedupe as new revisions with old texts. What is found is published afterwards, in the order of time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice
from pathlib import Path

from events.messages import DeadLetter, Outcome
from events.notice import Notice
from events.wire import envelopes, record
from scrapers.answer import Fetched
from scrapers.archive_entry import Entry
from scrapers.archive_read import ArchivedPage, Unkept, page_at
from scrapers.files.again import with_kept_files
from scrapers.files.kinds import kind_of
from scrapers.latest import Item, Latest
from scrapers.letters import Letters, fits
from scrapers.lists import Publish
from scrapers.merge import merged, own_notice, placed
from scrapers.outcome import page_fault, worth_parsing
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.parse import parse
from scrapers.reading import Reading
from scrapers.source import Source, catalog, owner

Known = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
"""Notice id → content hash of what was last passed on of it, for those of the ids that were."""


class What(StrEnum):
    """What an item of the archive is to those downstream."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ROW_ONLY = "row only"


Told = Callable[[Notice, What], None]
_OWN = timedelta(days=1)
_BATCH = 500
_UNREADABLE = frozenset({Outcome.DRIFTED, Outcome.MALFORMED})


@dataclass(slots=True)
class SourceTally:
    """What a reparse found of one source.

    ``notices`` were published (or would be): of them ``new`` are unknown downstream, ``changed`` say something else than what
    is known, the others ``same``. ``rows_only`` are rows whose own pages are not in the archive, of items that are known: they
    would replace what is known by less, and are left out. ``passed_over`` counts pages that are none, by outcome (walls, 404).
    """

    pages: int = 0
    notices: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rows_only: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ReparseTally:
    """What a reparse did: by source, and what belongs to none or could not be read."""

    sources: dict[str, SourceTally] = field(default_factory=dict)
    unowned: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def of(self, source_id: str) -> SourceTally:
        """The tally of a source."""
        return self.sources.setdefault(source_id, SourceTally())


class Reparse:
    """One reparse over the pages of ``latest``. Nothing is published before every page was read."""

    def __init__(self, latest: Latest, letters: Letters, since: datetime | None = None) -> None:
        """Pages from before ``since`` are read only as far as later ones need them to be whole."""
        self._latest = latest
        self._letters = letters
        self._since = since
        self._rows: dict[str, tuple[Notice, str]] = {}
        self._row_at: dict[str, str] = {}
        self._owns: dict[str, Notice] = {}
        self.letters: list[DeadLetter] = []
        self.tally = ReparseTally()

    def read(self, done: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Read every page, one at each step; ``done`` is told of those that were asked for. Raises OSError."""
        for path, entry in self._latest.pages():
            earlier = self._since is not None and entry.date < self._since
            if not earlier or self._is_needed(entry):
                self._page(path, entry, only_fill=earlier)
            if not earlier:
                done()
            yield
        for row, _ in self._rows.values():
            self._latest.keep(row, row, whole=False)
        for own in self._owns.values():
            self._latest.keep(own, own)

    def _is_needed(self, entry: Entry) -> bool:
        """Whether a page from before the beginning is one that a later one lacks: its own page, its list, or a file."""
        assert self._since is not None
        source = _source_of(entry)
        if source is not None and _may_be_file(source, entry):
            return True
        return entry.url in self._row_at or (bool(self._owns) and entry.date >= self._since - _OWN)

    def _page(self, path: Path, entry: Entry, *, only_fill: bool) -> None:
        try:
            kept = page_at(path, entry.offset)
        except Unkept as error:
            self.tally.broken.append(str(error))
            return
        source = _source_of(entry)
        if source and _may_be_file(source, entry) and kind_of(kept.content):
            self._latest.add_file(kept.url, path, entry.offset)
            return
        if source is None:
            self.tally.unowned.append(kept.url)
            return
        parsed = self._parsed(source, kept)
        if parsed is not None:
            self._join(kept, parsed, source, only_fill=only_fill)

    def _parsed(self, source: Source, kept: ArchivedPage) -> Parsed | None:
        """What the page says; None, and the reason noted, where it says nothing."""
        of = self.tally.of(source.id)
        of.pages += 1
        headers = {"content-type": kept.content_type} if kept.content_type else {}
        answer = Fetched(kept.url, kept.status, headers, kept.content, kept.date)
        read = _read(source, answer) if worth_parsing(answer) else None
        fault = page_fault(answer, read)
        if fault is None:
            return read if isinstance(read, Parsed) else None
        if fault.outcome in _UNREADABLE:
            of.failed.append(f"{kept.url}: {type(read).__name__}: {fault.detail}")
            reading = Reading(Request(kept.url), answer, read, kept.pointer, str(kept.pointer.offset))
            self.letters += self._letters.unreadable(source, reading, fault)
        else:
            of.passed_over[fault.outcome.value] += 1
        return None

    def _join(self, kept: ArchivedPage, parsed: Parsed, source: Source, *, only_fill: bool) -> None:
        if (waiting := self._row_at.get(kept.url)) is not None:
            self._own_page(self._rows[waiting][0], parsed, kept)
            return
        for said in parsed.notices:
            if said.item_key in parsed.releases:
                continue  # it tells of a file whose records are read from that file, as pages of their own
            notice = placed(said, kept.pointer, kept.illustrative)
            request = parsed.details.get(said.item_key)
            own_page = request is None and source.details and len(parsed.notices) == 1
            if self._latest.holds(notice.notice_id):
                if not own_page:
                    self._latest.seen_before(notice)
            elif request is not None:
                self._row(notice, request, only_fill=only_fill)
            elif (held := self._rows.get(notice.notice_id)) is not None:
                self._whole(held[0], notice)
            elif not only_fill and own_page:
                self._owns.setdefault(notice.notice_id, notice)
            elif not only_fill:
                self._latest.keep(notice, notice)

    def _row(self, row: Notice, request: Request, *, only_fill: bool) -> None:
        own = self._owns.pop(row.notice_id, None)
        if own is not None:
            self._whole(row, own)
        elif not only_fill and row.notice_id not in self._rows:
            self._rows[row.notice_id] = (row, request.url)
            self._row_at[request.url] = row.notice_id

    def _own_page(self, row: Notice, parsed: Parsed, kept: ArchivedPage) -> None:
        try:
            own = own_notice(row, parsed)
        except ParseError as error:
            self.tally.of(row.source_id).failed.append(f"{kept.url}: ParseError: {error}")
            return
        self._whole(row, placed(own, kept.pointer, kept.illustrative))

    def _whole(self, row: Notice, own: Notice) -> None:
        """A row and its own page, as a poll publishes them; what it says has been there since its page was read."""
        marks = {row.item_key} if own.illustrative else set[str]()
        joined = placed(merged(row, own), own.archive, marks)
        seen = min(row.detected_at, own.detected_at)
        self._latest.keep(joined.model_copy(update={"detected_at": seen}), row)
        _, url = self._rows.pop(row.notice_id, (row, ""))
        self._row_at.pop(url, None)

    async def publish(self, known: Known, send: Publish | None, told: Told = lambda *_: None) -> None:
        """Send the items that were found, and the dead letters; with ``send`` None only count them."""
        items = self._latest.items()
        while batch := list(islice(items, _BATCH)):
            there = await known([item.notice.notice_id for item in batch])
            ready = []
            for bare in batch:
                source = catalog()[bare.notice.source_id]
                whole = await with_kept_files(source, bare.notice, self._latest.file, self.tally.broken.append)
                item = Item(whole, bare.whole)
                what = compared(item, there.get(item.notice.notice_id))
                self._count(item.notice, what)
                told(item.notice, what)
                if what is not What.ROW_ONLY:
                    ready.append(item.notice)
            for source_id, group in groupby(ready, key=lambda notice: notice.source_id):
                await self._send(source_id, list(group), send)
        if send is not None and self.letters:
            await send([record(letter) for letter in self.letters])

    async def _send(self, source_id: str, notices: list[Notice], send: Publish | None) -> None:
        made = envelopes(source_id, notices)
        large = [one for one in made if not fits(one)]
        self.letters += [self._letters.too_large(catalog()[source_id], one) for one in large]
        if send is not None:
            await send([one for one in made if fits(one)])

    def _count(self, notice: Notice, what: What) -> None:
        of = self.tally.of(notice.source_id)
        of.notices += what is not What.ROW_ONLY
        of.new += what is What.NEW
        of.changed += what is What.CHANGED
        of.same += what is What.SAME
        of.rows_only += what is What.ROW_ONLY


def _source_of(entry: Entry) -> Source | None:
    return catalog().get(entry.source or "") or owner(entry.url)


def _may_be_file(source: Source, entry: Entry) -> bool:
    """Whether a record may be a file that an item links to, and no page of the source."""
    return source.files is not None and not source.owns(entry.url)


def compared(item: Item, known: str | None) -> What:
    """What an item is to those downstream, who know it by the hash ``known`` or not at all. Pure."""
    if known and not item.whole:
        return What.ROW_ONLY
    if known is None:
        return What.NEW
    return What.SAME if known == item.notice.content_hash else What.CHANGED


def _read(source: Source, answer: Fetched) -> Parsed | ParseError:
    page = Page(source, answer.url, answer.content, answer.fetched_at, answer.content_type, answer.status)
    try:
        return parse(page)
    except ParseError as error:
        return error
