"""Where a reparse keeps what it works on: pages still to be read, files, and the latest state of each item.

On disk: a temporary SQLite database, which the system deletes with its connection. A reparse of ten years takes the memory of
one page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from events.notice import Notice
from events.wire import decode, encode
from scrapers.archive_entry import Entry, entry_of, line_of

_TABLES = """
CREATE TABLE pages (at TEXT NOT NULL, folder TEXT NOT NULL, file TEXT NOT NULL, start INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE files (url TEXT PRIMARY KEY, path TEXT NOT NULL, start INTEGER NOT NULL);
CREATE TABLE items (
  id TEXT PRIMARY KEY, row TEXT NOT NULL, since TEXT NOT NULL, notice BLOB NOT NULL, whole INTEGER NOT NULL,
  same INTEGER NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Item:
    """The latest state of one item. ``whole`` is False for a row whose own page is not in the archive."""

    notice: Notice
    whole: bool


class Latest:
    """Pages by their dates, items by their ids. Use it as a context manager."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")
        self._db.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._db.close()

    def add_pages(self, folder: Path, entries: Iterable[Entry]) -> None:
        """Note pages that are to be read, of files in ``folder``."""
        rows = ((e.date.isoformat(), str(folder), e.file, e.offset, line_of(e)) for e in entries)
        self._db.executemany("INSERT INTO pages VALUES (?, ?, ?, ?, ?)", rows)

    def count_pages(self, since: datetime | None = None) -> int:
        """How many pages there are, of those that were kept from ``since`` on."""
        (count,) = self._db.execute("SELECT count(*) FROM pages WHERE at >= ?", (_text(since),)).fetchone()
        return int(count)

    def pages(self) -> Iterator[tuple[Path, Entry]]:
        """Every page with the file that holds it, the newest first."""
        cursor = self._db.execute("SELECT folder, file, line FROM pages ORDER BY at DESC, file DESC, start DESC")
        for folder, file, line in cursor:
            yield Path(folder) / file, entry_of(line)

    def add_file(self, url: str, path: Path, offset: int) -> None:
        """Note where a file that notices link to is kept; the first that is noted stands."""
        self._db.execute("INSERT OR IGNORE INTO files VALUES (?, ?, ?)", (url, str(path), offset))

    def file(self, url: str) -> tuple[Path, int] | None:
        """Where a file is kept, None where it is not: the archive file and the offset in it."""
        found = self._db.execute("SELECT path, start FROM files WHERE url = ?", (url,)).fetchone()
        return (Path(found[0]), int(found[1])) if found else None

    def holds(self, notice_id: str) -> bool:
        """Whether the item was kept."""
        return self._db.execute("SELECT 1 FROM items WHERE id = ?", (notice_id,)).fetchone() is not None

    def keep(self, notice: Notice, row: Notice, *, whole: bool = True) -> None:
        """Keep the latest state of an item, and by which ``row`` its list shows it."""
        seen = notice.detected_at.isoformat()
        values = (notice.notice_id, row.content_hash, seen, encode(notice), whole, 1)
        self._db.execute("INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?, ?)", values)

    def seen_before(self, row: Notice) -> None:
        """An older list shows an item that was kept: where its row is still the same, its state is as old as that."""
        key = (row.notice_id, row.content_hash)
        seen = row.detected_at.isoformat()
        self._db.execute("UPDATE items SET since = min(since, ?) WHERE id = ? AND row = ? AND same", (seen, *key))
        self._db.execute("UPDATE items SET same = 0 WHERE id = ? AND row <> ?", key)

    def items(self) -> Iterator[Item]:
        """The items, those that were as they are longest first; each says when that was first seen."""
        for since, whole, raw in self._db.execute("SELECT since, whole, notice FROM items ORDER BY since, id"):
            notice = decode(Notice, raw)
            yield Item(notice.model_copy(update={"detected_at": datetime.fromisoformat(since)}), bool(whole))

    def count_items(self) -> int:
        """How many items there are."""
        return int(self._db.execute("SELECT count(*) FROM items").fetchone()[0])


def _text(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
