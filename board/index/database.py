"""The tables of the index: a private SQLite database on the disk of temporary files, gone with its connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from board.index.rows import COLUMNS, Row

MOST_EVENTS = 1_000_000
"""More are not indexed: the oldest are left out."""

CACHE_KIB = 96 * 1024
SCHEMA = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{CACHE_KIB};
PRAGMA temp_store = MEMORY;
CREATE TABLE event (
  rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, score REAL NOT NULL, day TEXT NOT NULL,
  seen REAL NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, company TEXT NOT NULL, company_name TEXT NOT NULL,
  product TEXT NOT NULL, product_name TEXT NOT NULL, province TEXT NOT NULL, number TEXT NOT NULL, stage TEXT NOT NULL,
  project TEXT NOT NULL,  sector TEXT NOT NULL, modality TEXT NOT NULL, closes TEXT NOT NULL, tags BLOB NOT NULL);
CREATE INDEX event_by_day ON event (day, score, id);
CREATE INDEX event_by_type ON event (type, day, province, product);
CREATE INDEX event_by_company ON event (company, day, type, score);
CREATE INDEX event_by_closing ON event (closes) WHERE closes != '';
CREATE TABLE tag (name INTEGER NOT NULL, day TEXT NOT NULL, event INTEGER NOT NULL,
  PRIMARY KEY (name, day, event)) WITHOUT ROWID;
CREATE TABLE entity (id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
"""


class Database:
    """One index. Not safe for threads: it is used by one at a time."""

    def __init__(self) -> None:
        # An empty name is a temporary file that SQLite unlinks at once: pages that the cache cannot hold go there.
        self._sql = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._sql.executescript(SCHEMA)

    def close(self) -> None:
        """Give the file up."""
        self._sql.close()

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a SELECT."""
        return self._sql.execute(sql, args).fetchall()

    def write(self, rows: Iterable[Row], gone: Iterable[str] = ()) -> set[int]:
        """Put rows in the place of what was known of their events; forget the events that are gone.

        The tags that any of them had before or has now.
        """
        touched: set[int] = set()
        self._sql.execute("BEGIN")
        for event_id in gone:
            touched |= self._forget(event_id)
        for row in rows:
            touched |= self._forget(row.id)
            self._add(row)
            touched.update(name for name, _ in row.tags)
        self._sql.execute("COMMIT")
        return touched

    def trim(self) -> bool:
        """Forget the oldest events beyond `MOST_EVENTS`. Whether there were such."""
        over = self.count() - MOST_EVENTS
        if over > 0:
            self.write((), [i for (i,) in self.rows("SELECT id FROM event ORDER BY day, score, id LIMIT ?", (over,))])
        return over > 0

    def count(self) -> int:
        """How many events are indexed."""
        return int(self.rows("SELECT count(*) FROM event")[0][0])

    def _add(self, row: Row) -> None:
        names = ", ".join(COLUMNS)
        places = ", ".join("?" * len(COLUMNS))
        at = self._sql.execute(f"INSERT INTO event ({names}) VALUES ({places})", row.columns).lastrowid  # noqa: S608
        self._sql.executemany("INSERT INTO tag VALUES (?, ?, ?)", ((name, day, at) for name, day in row.tags))
        self._sql.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (at, row.words))
        self._sql.executemany(
            "INSERT INTO entity VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
            "kind = CASE excluded.kind WHEN '' THEN kind ELSE excluded.kind END",
            row.names,
        )

    def _forget(self, event_id: str) -> set[int]:
        """Delete what is known of an event; the tags that it had."""
        found = self._sql.execute("SELECT rowid, tags FROM event WHERE id = ?", (event_id,)).fetchone()
        if found is None:
            return set()
        at, tags = found[0], orjson.loads(found[1])
        self._sql.executemany(
            "DELETE FROM tag WHERE name = ? AND day = ? AND event = ?",
            [(name, day, at) for name, day in tags],
        )
        self._sql.execute("DELETE FROM words WHERE rowid = ?", (at,))
        self._sql.execute("DELETE FROM event WHERE rowid = ?", (at,))
        return {name for name, _ in tags}
