"""From a request to what its page says: ask, keep the answer, parse it. For lists and items' own pages alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from events.clock import Clock
from events.ids import digest
from events.notice import ArchivePointer
from scrapers.answer import Fetched, FetchError, Validators
from scrapers.archive import Archive
from scrapers.outcome import worth_parsing
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.polite import Polite, retry_after
from scrapers.source import Source
from scrapers.stretch import stretch

Parse = Callable[[Page], Parsed]
_THREAD_BYTES = 256 * 1024
_ARCHIVED_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer and what it said. ``read`` is None where it was not parsed: no answer, an error, or nothing new.

    ``digest`` is of the body. ``same`` says that the page is the one that was read before (304, or the same body). ``more`` is
    the number of rows that were gone through where there are more of them than one poll takes.
    """

    request: Request
    answer: Fetched | FetchError
    read: Parsed | ParseError | None = None
    pointer: ArchivePointer | None = None
    digest: str = ""
    same: bool = False
    retry_after: float | None = None
    more: int | None = None


class Reader:
    """Reads pages. Each answer is kept before it is parsed, whatever it is."""

    def __init__(self, polite: Polite, archive: Archive, parse: Parse, clock: Clock) -> None:
        self._polite = polite
        self._archive = archive
        self._parse = parse
        self._clock = clock

    async def read(
        self,
        source: Source,
        request: Request,
        validators: Validators | None = None,
        known: str = "",
        skip: int | None = None,
    ) -> Reading:
        """What the page says now. With ``validators`` and ``known`` (a digest), a page that is still the same is not parsed.

        With ``skip`` only a stretch of its rows is built, from that row on (`scrapers.stretch`).

        Raises OSError (the archive's disk).
        """
        wanted = replace(request, drawn=True) if source.fetcher == "browser" else request
        try:
            answer = await self._polite.get(wanted, source.delay, validators)
        except FetchError as error:
            return Reading(request, error)
        if answer.not_modified:
            return Reading(request, answer, same=True)
        body = digest(answer.content)
        if body == known:
            return Reading(request, answer, digest=body, same=True)
        pointer = await self._archive.add(answer, source.id)
        asked = retry_after(answer.headers.get("retry-after"), self._clock.now())
        with stretch(skip) as rows:
            read = await self._parsed(source, answer) if worth_parsing(answer) else None
        return Reading(request, answer, read, pointer, body, retry_after=asked, more=rows.more)

    async def file(self, source: Source, request: Request) -> Reading:
        """A file that an item links to, kept and not parsed. Raises OSError (the archive's disk)."""
        try:
            answer = await self._polite.get(request, source.delay)
        except FetchError as error:
            return Reading(request, error)
        pointer = await self._archive.add(answer, source.id)
        asked = retry_after(answer.headers.get("retry-after"), self._clock.now())
        return Reading(request, answer, None, pointer, digest(answer.content), retry_after=asked)

    async def spooled(self, source: Source, request: Request, path: Path) -> Reading:
        """The answer with its body in the file ``path``, not parsed. It is archived unless it is too large for that.

        Raises OSError (the disk).
        """
        try:
            with path.open("wb") as file:
                answer = await self._polite.get(request, source.delay, into=file)
        except FetchError as error:
            return Reading(request, error)
        asked = retry_after(answer.headers.get("retry-after"), self._clock.now())
        if path.stat().st_size > _ARCHIVED_BYTES:
            return Reading(request, answer, retry_after=asked)
        whole = replace(answer, content=answer.content or await asyncio.to_thread(path.read_bytes))
        pointer = await self._archive.add(whole, source.id)
        return Reading(request, whole, None, pointer, digest(whole.content), retry_after=asked)

    async def _parsed(self, source: Source, answer: Fetched) -> Parsed | ParseError:
        page = Page(source, answer.url, answer.content, answer.fetched_at, answer.content_type, answer.status)
        try:
            if len(page.content) > _THREAD_BYTES:
                return await asyncio.to_thread(self._parse, page)
            return self._parse(page)
        except ParseError as error:
            return error
