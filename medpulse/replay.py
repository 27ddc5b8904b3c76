"""Replaying archived pages: read, parsed by today's parsers, joined row to page, and published as notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from events.notice import Notice
from events.wire import Record, envelopes
from medpulse.errors import one_line
from scrapers.archive_read import ArchivedPage, BrokenRecord, read_archive
from scrapers.merge import merged, placed
from scrapers.page import Page, ParseError
from scrapers.parse import parse
from scrapers.source import Source, owner

Publish = Callable[[Sequence[Record]], Awaitable[None]]


@dataclass(slots=True)
class Tally:
    """What a replay did: pages read, notices published by source, and what could not be used, each with its reason."""

    pages: int = 0
    notices: Counter[str] = field(default_factory=Counter)
    unowned: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def damaged(self, one: BrokenRecord) -> None:
        """Note a record that cannot be read."""
        self.broken.append(f"{one.file} at byte {one.offset}: {one_line(one.error, 200)}")


class Replay:
    """One replay. Rows whose own pages follow in the archive are joined to them; the others are published as they stand."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._rows: dict[str, tuple[Source, Notice]] = {}
        self.tally = Tally()

    async def file(self, path: Path, done: Callable[[], None] = lambda: None) -> None:
        """Replay one WARC file; ``done`` is called after each page. Raises OSError."""
        for archived in read_archive(path, self.tally.damaged):
            await self._page(archived)
            done()
        waiting, self._rows = self._rows, {}
        for source, row in waiting.values():
            await self._send(source, [row])

    async def _page(self, archived: ArchivedPage) -> None:
        self.tally.pages += 1
        source = owner(archived.url)
        if source is None:
            self.tally.unowned.append(archived.url)
            return
        page = Page(source, archived.url, archived.content, archived.date, archived.content_type, archived.status)
        try:
            parsed = parse(page)
        except ParseError as error:
            self.tally.unread.append(f"{archived.url}: {type(error).__name__}: {error}")
            return
        ready = []
        for said in parsed.notices:
            notice = placed(said, archived.pointer, archived.illustrative)
            if said.item_key in parsed.details:
                self._rows[notice.notice_id] = (source, notice)
            else:
                _, row = self._rows.pop(notice.notice_id, (source, None))
                ready.append(placed(merged(row, notice), archived.pointer, archived.illustrative) if row else notice)
        await self._send(source, ready)

    async def _send(self, source: Source, ready: Sequence[Notice]) -> None:
        if not ready:
            return
        await self._publish(envelopes(source.id, ready))
        self.tally.notices[source.id] += len(ready)
