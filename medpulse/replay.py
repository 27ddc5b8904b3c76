"""Archived pages once more: a reparse of our own archive, or of one file of anybody's. `medpulse.jobs` runs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from events.clock import Clock
from medpulse.errors import one_line
from scrapers.archive_index import ArchiveIndex, Wanted, indexed
from scrapers.archive_read import BrokenRecord, read_archive
from scrapers.latest import Latest
from scrapers.letters import Letters
from scrapers.reparse import Reparse, ReparseTally


@dataclass(slots=True)
class Tally:
    """What a replay did: pages read, notices published by source, and what could not be used, each with its reason."""

    pages: int = 0
    notices: Counter[str] = field(default_factory=Counter)
    unowned: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@contextmanager
def file_again(path: Path, clock: Clock, broken: Callable[[BrokenRecord], None]) -> Iterator[tuple[Reparse, int]]:
    """A reparse of one WARC file, and how many pages it has. Its broken records are told. Raises OSError."""
    with Latest() as latest:
        latest.add_pages(path.parent, (indexed(page) for page in read_archive(path, broken)))
        yield Reparse(latest, Letters(clock)), latest.count_pages()


@contextmanager
def archive_again(
    folder: Path, clock: Clock, source_id: str | None, since: datetime | None
) -> Iterator[tuple[Reparse, int]]:
    """A reparse of our archive, and how many pages will be read. ``since`` is aware. Raises OSError."""
    with Latest() as latest:
        latest.add_pages(folder, ArchiveIndex(folder).find(Wanted(source=source_id)))
        yield Reparse(latest, Letters(clock), since), latest.count_pages(since)


def tally_of(done: ReparseTally, pages: int, broken: list[BrokenRecord]) -> Tally:
    """What a reparse of one file did."""
    tally = Tally(pages=pages, unowned=done.unowned)
    for source_id, of in done.sources.items():
        if of.notices:
            tally.notices[source_id] = of.notices
        tally.unread += of.failed
        tally.unread += [f"{source_id}: {n} pages were {outcome}" for outcome, n in of.passed_over.items()]
    damaged = (f"{one.file} at byte {one.offset}: {one_line(one.error, 200)}" for one in broken)
    tally.broken = [*damaged, *done.broken]
    return tally
