"""The lists of a source: which pages a poll reads, which of their items are news, and when they are published."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from events.clock import shanghai_day
from events.messages import Outcome
from events.notice import Notice
from scrapers.answer import Fetched
from scrapers.details import Details
from scrapers.expect import drift, learned, least
from scrapers.files.attach import Files
from scrapers.letters import Letters
from scrapers.memory import PageMemory, Resume, rows_on
from scrapers.merge import placed
from scrapers.outcome import HOST_IN_TROUBLE, Verdict, fault
from scrapers.outlet import Outlet, Publish
from scrapers.page import Parsed, Request
from scrapers.reading import Reader, Reading
from scrapers.recent import dead
from scrapers.releases import Releases
from scrapers.round import Round
from scrapers.seen import Seen
from scrapers.source import Source
from scrapers.watch import ListMemory, compare

__all__ = ["Lists", "Publish"]
_FIRST = "first"
_PATIENCE = 3
_END = Parsed(())
_SOME = 500


class _Trust(Enum):
    """What is taken of a list: nothing where its rows are not what they were, only news where rows of it are missing."""

    NOTHING = auto()
    NEWS = auto()
    WHOLE = auto()


class Lists:
    """Goes through the lists of a source. Whatever is cut short is remembered, and gone on with by the next poll."""

    def __init__(self, reader: Reader, seen: Seen, letters: Letters, outlet: Outlet, files: Files) -> None:
        self._reader = reader
        self._seen = seen
        self._letters = letters
        self._outlet = outlet
        self._details = Details(reader, seen, letters)
        self._files = files
        self._releases = Releases(reader, seen, letters, outlet.publish)

    async def walk(self, at: Round, first: Request) -> None:
        """Read every list that each poll reads, then older pages as far as there is news or a gap to close."""
        gaps = [gap.request for gap in at.memory.resume]
        request: Request | None = first
        asked: set[str] = set()
        while request is not None and not at.stopped:
            slot = _FIRST if not asked else request.url
            asked.add(request.url)
            following = await self._list(at, slot, request)
            another = following and following.url not in asked and _is_list(at.source, following)
            request = following if another else None
        await self._older(at, gaps)

    async def _list(self, at: Round, slot: str, request: Request) -> Request | None:
        """Read a list that every poll reads; returns what follows it, as far as that is known."""
        kept = at.memory.pages.get(slot) or PageMemory()
        validators = kept.validators if kept.url == request.url and request.method == "GET" else None
        reading = await self._reader.read(at.source, request, validators, kept.digest, kept.skip)
        at.url = at.url or request.url
        if reading.same:
            at.missed.update(at.memory.lists.get(slot, ListMemory()).gone)
            return kept.next
        page = self._judged(at, reading)
        if page is None:
            return kept.next
        part = bool(kept.skip) or reading.more is not None
        rows = "" if part else rows_on(shanghai_day(self._outlet.now()), page.notices)
        at.shown.update(row.item_key for row in page.notices)
        if rows and (request.url, rows) == (kept.url, kept.rows):
            _note_same(at, slot, request, page)
            done = True
        else:
            trust = _Trust.WHOLE if part else self._watched(at, slot, request, page)
            if trust is _Trust.NOTHING:
                return kept.next
            done = await self._news(at, page, reading) and trust is _Trust.WHOLE
        memory = _page_memory(request, reading, page, done, kept.skip, rows)
        at.recall(begun=True, pages={**at.memory.pages, slot: memory})
        return page.next_page

    async def _news(self, at: Round, page: Parsed, reading: Reading) -> bool:
        """Publish what is new in a list, and note where older pages follow; returns whether nothing is left to do."""
        fresh = await self._fresh(at, page)
        owed = at.limits.backlog if at.memory.begun else at.limits.pages - 1
        if fresh and page.next_page and owed > 0 and not _is_list(at.source, page.next_page):
            others = (gap for gap in at.memory.resume if gap.request != page.next_page)
            at.recall(resume=(Resume(request=page.next_page, owed=owed), *others))
        return await self._take(at, page, reading, fresh)

    async def _older(self, at: Round, gaps: Sequence[Request]) -> None:
        """Older pages from each place where the way was cut short, until one holds nothing new or this poll has had enough.

        ``gaps`` are where earlier polls were cut short. New rows have since moved older ones to later pages, so that a gap may
        begin some pages further on than it did.
        """
        patience = 1
        for _ in range(at.limits.pages - 1):
            if not at.memory.resume or at.stopped:
                return
            here, *others = at.memory.resume
            if here.request in gaps:
                patience = _PATIENCE
            reading = await self._reader.read(at.source, here.request)
            page = _END if _is_past_the_end(reading) else self._judged(at, reading)
            if page is None:
                return
            fresh = await self._fresh(at, page)
            if not await self._take(at, page, reading, fresh):
                return
            patience = 1 if fresh else patience - 1
            goes_on = patience > 0 and page.next_page is not None and here.owed > 1
            further = [Resume(request=page.next_page, owed=here.owed - 1)] if goes_on and page.next_page else []
            at.recall(resume=(*further, *others))

    def _judged(self, at: Round, reading: Reading) -> Parsed | None:
        """The list that was read; None, and a fault noted, where it was not."""
        found = fault(at.source, reading.answer, reading.read, reading.retry_after)
        if found is None:
            if isinstance(reading.read, Parsed):
                at.replaced += reading.read.replaced
                return reading.read
            return None
        at.faults.append(found)
        at.stopped = at.stopped or found.outcome in HOST_IN_TROUBLE
        at.letters.extend(self._letters.unreadable(at.source, reading, found))
        return None

    def _watched(self, at: Round, slot: str, request: Request, page: Parsed) -> _Trust:
        """Hold a list against what it was, note what is gone, and learn from it; a fault is noted where it is another list."""
        before = at.memory.lists.get(slot, ListMemory())
        floor, empty = at.source.expected_items, at.source.may_be_empty(request.url)
        at.expect(least(before.expected, floor, may_be_empty=empty))
        wrong = drift(before.expected, floor, page.notices, may_be_empty=empty)
        dates = {key: one.published_at for key, one in at.memory.recent.items() if not one.withdrawn}
        compared = compare(before, request.url, page.notices, dates)
        detail = wrong.detail if wrong else compared.drift
        memory = before.model_copy(update={"odd": compared.memory.odd})
        if detail:
            at.faults.append(Verdict(Outcome.DRIFTED, detail, 200))
        else:
            at.missed.update(compared.gone)
            expected = learned(before.expected, shanghai_day(self._outlet.now()), page.notices)
            memory = compared.memory.model_copy(update={"expected": expected})
        at.recall(lists={**at.memory.lists, slot: memory})
        if wrong and wrong.spoilt:
            return _Trust.NOTHING
        return _Trust.NEWS if detail else _Trust.WHOLE

    async def _fresh(self, at: Round, page: Parsed) -> list[Notice]:
        """The items of a list that are new, or whose row is not as it was when it was published; as many as one poll takes."""
        at.saw(len(page.notices))
        fresh: list[Notice] = []
        for start in range(0, len(page.notices), _SOME):
            some = page.notices[start : start + _SOME]
            known = await self._seen.known(at.source.id, [row.item_key for row in some])
            fresh += [row for row in some if known.get(row.item_key) not in {row.content_hash, dead(row.content_hash)}]
            if len(fresh) > at.limits.rows:
                break
        return self._outlet.unless_flapping(at, fresh)

    async def _take(self, at: Round, page: Parsed, reading: Reading, fresh: Sequence[Notice]) -> bool:
        """Complete and publish what is fresh in a list; returns whether nothing is left to do."""
        marks = reading.answer.illustrative if isinstance(reading.answer, Fetched) else frozenset()
        rows = [placed(row, reading.pointer, marks) for row in fresh[: at.limits.rows]]
        ready = await self._details.completed(at, rows, page.details)
        ready = await self._releases.completed(at, ready, page.releases)
        ready = await self._files.completed(at, ready)
        await self._outlet.publish_rows(at, ready, rows, page.details)
        return len(ready) == len(fresh) and not any(row.item_key in at.held for row in page.notices)


def _is_list(source: Source, request: Request) -> bool:
    """Whether a page that follows is one more list that the source's file names, and not an older page of the same."""
    return any(request.url in value for value in source.params.values() if isinstance(value, list))


def _is_past_the_end(reading: Reading) -> bool:
    """Whether an older page is one that does not exist: many sites do not say which page of a list is the last."""
    return isinstance(reading.answer, Fetched) and reading.answer.status in {404, 410}


def _note_same(at: Round, slot: str, request: Request, page: Parsed) -> None:
    """Note a list whose items were all done and say what they said earlier today: no news, and nothing more to learn."""
    before, empty = at.memory.lists.get(slot, ListMemory()), at.source.may_be_empty(request.url)
    at.expect(least(before.expected, at.source.expected_items, may_be_empty=empty))
    at.missed.update(before.gone)
    at.saw(len(page.notices))


def _page_memory(request: Request, reading: Reading, page: Parsed, done: bool, skipped: int, rows: str) -> PageMemory:
    """What to remember of a list. Unless all of its items are done, nothing by which it could be called the same."""
    answer = reading.answer
    if not done or skipped or reading.more is not None or not isinstance(answer, Fetched):
        return PageMemory(next=page.next_page, skip=(reading.more or 0) if done else skipped)
    return PageMemory(
        url=request.url, validators=answer.validators, digest=reading.digest, rows=rows, next=page.next_page
    )
