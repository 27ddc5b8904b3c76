"""The lists of a source: which pages a poll reads, which of their items are news, and when they are published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from events.notice import Notice
from events.wire import Record, envelopes
from scrapers.answer import Fetched
from scrapers.details import Details
from scrapers.letters import Letters, fits
from scrapers.merge import placed
from scrapers.outcome import HOST_IN_TROUBLE, fault
from scrapers.page import Parsed, Request
from scrapers.reading import Reader, Reading
from scrapers.releases import Releases
from scrapers.round import Round
from scrapers.seen import PageMemory, Resume, Seen
from scrapers.source import Source

Publish = Callable[[Sequence[Record]], Awaitable[None]]
"""Sends messages and returns once the broker has acknowledged all of them; raises where it has not."""

_FIRST = "first"
_PATIENCE = 3
_END = Parsed(())


class Lists:
    """Goes through the lists of a source. Whatever is cut short is remembered, and gone on with by the next poll."""

    def __init__(self, reader: Reader, seen: Seen, letters: Letters, publish: Publish) -> None:
        self._reader = reader
        self._seen = seen
        self._letters = letters
        self._send = publish
        self._details = Details(reader, seen, letters)
        self._releases = Releases(reader, seen, letters, self._publish)

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
        reading = await self._reader.read(at.source, request, validators, kept.digest)
        at.url = at.url or request.url
        if reading.same:
            return kept.next
        page = self._judged(at, reading)
        if page is None:
            return kept.next
        fresh = await self._fresh(at, page)
        owed = at.limits.backlog if at.memory.begun else at.limits.pages - 1
        if fresh and page.next_page and owed > 0 and not _is_list(at.source, page.next_page):
            others = (gap for gap in at.memory.resume if gap.request != page.next_page)
            at.recall(resume=(Resume(request=page.next_page, owed=owed), *others))
        complete = await self._take(at, page, reading, fresh)
        at.recall(begun=True, pages={**at.memory.pages, slot: _page_memory(request, reading, page, complete)})
        return page.next_page

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
            return reading.read if isinstance(reading.read, Parsed) else None
        at.faults.append(found)
        at.stopped = at.stopped or found.outcome in HOST_IN_TROUBLE
        at.letters.extend(self._letters.unreadable(at.source, reading, found))
        return None

    async def _fresh(self, at: Round, page: Parsed) -> list[Notice]:
        """The items of a list that are new, or whose row is not as it was when it was published."""
        at.items_seen = (at.items_seen or 0) + len(page.notices)
        known = await self._seen.known(at.source.id, [row.item_key for row in page.notices])
        return [row for row in page.notices if known.get(row.item_key) != row.content_hash]

    async def _take(self, at: Round, page: Parsed, reading: Reading, fresh: Sequence[Notice]) -> bool:
        """Complete and publish what is fresh in a list; returns whether nothing is left to do."""
        marks = reading.answer.illustrative if isinstance(reading.answer, Fetched) else frozenset()
        rows = [placed(row, reading.pointer, marks) for row in fresh]
        ready = await self._details.completed(at, rows, page.details)
        ready = await self._releases.completed(at, ready, page.releases)
        await self._publish(at, ready, {row.item_key: row.content_hash for row in fresh})
        return len(ready) == len(fresh)

    async def _publish(self, at: Round, ready: Sequence[Notice], hashes: dict[str, str]) -> None:
        """Send notices. Only what the broker has acknowledged is marked as seen, by the hash of its row.

        Where the older pages begin is remembered before that: once the news is marked, nothing else would lead there.
        """
        if not ready:
            return
        made = envelopes(at.source.id, ready)
        at.letters.extend(self._letters.too_large(at.source, one) for one in made if not fits(one))
        await self._send([one for one in made if fits(one)])
        await self._seen.remember(at.source.id, at.memory)
        await self._seen.mark(at.source.id, {notice.item_key: hashes[notice.item_key] for notice in ready})
        at.published.extend(ready)


def _is_list(source: Source, request: Request) -> bool:
    """Whether a page that follows is one more list that the source's file names, and not an older page of the same."""
    return any(request.url in value for value in source.params.values() if isinstance(value, list))


def _is_past_the_end(reading: Reading) -> bool:
    """Whether an older page is one that does not exist: many sites do not say which page of a list is the last."""
    return isinstance(reading.answer, Fetched) and reading.answer.status in {404, 410}


def _page_memory(request: Request, reading: Reading, page: Parsed, complete: bool) -> PageMemory:
    """What to remember of a list. Unless all of its items are done, nothing by which it could be called the same."""
    if not complete or not isinstance(reading.answer, Fetched):
        return PageMemory(next=page.next_page)
    return PageMemory(url=request.url, validators=reading.answer.validators, digest=reading.digest, next=page.next_page)
