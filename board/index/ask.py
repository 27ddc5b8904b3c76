"""Questions to the index: which events have these tags and words, up to a day, in an order. Pure: questions become SQL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from board.index.follow import Index
from board.index.rows import tag
from board.index.words import query


class Order(StrEnum):
    """The columns that lists are sorted by."""

    TIME = "time"
    NUMBER = "number"
    PRODUCT = "product"
    COMPANY = "company"
    SECTOR = "sector"
    CLOSES = "closes"


_COLUMNS = {
    Order.TIME: "e.score",
    Order.NUMBER: "e.number",
    Order.PRODUCT: "e.product_name",
    Order.COMPANY: "e.company_name",
    Order.SECTOR: "e.sector",
    Order.CLOSES: "e.closes",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events: those with every tag (of several alternatives of one tag, any), every word, in days of Asia/Shanghai.

    ``counted`` is a tag of a series (`board.index.rows.series`): then the days are those under which it counts the event, and
    an event that counts undated is in only without ``since``.
    """

    until: date
    since: date | None = None
    tags: tuple[str, ...] = ()
    counted: str = ""
    text: str = ""
    closes_after: date | None = None
    order: Order = Order.TIME
    descending: bool = True

    def where(self) -> tuple[str, list[Any]]:
        """The condition on the table ``event e``, and its arguments."""
        days: list[Any] = [self.since.isoformat() if self.since else "", self.until.isoformat()]
        parts, args = ["e.day >= ? AND e.day <= ?"], days
        if self.counted:
            parts, args = ["e.rowid IN (SELECT event FROM tag WHERE name = ? AND day >= ? AND day <= ?)"], []
            args = [tag(self.counted), *days]
        for name in self.tags:
            parts.append("e.rowid IN (SELECT event FROM tag WHERE name = ?)")
            args.append(tag(name))
        if self.text.strip():
            words = query(self.text)
            parts.append("e.rowid IN (SELECT rowid FROM words WHERE words MATCH ?)" if words else "0")
            args += [words] if words else []
        if self.closes_after is not None:
            parts.append("e.closes >= ?")
            args.append(self.closes_after.isoformat())
        return " AND ".join(parts), args

    def ordered(self) -> str:
        """The ORDER BY terms; the newest first among equals."""
        way = "DESC" if self.descending else "ASC"
        column = _COLUMNS[self.order]
        last = f"e.id {way}" if self.order is Order.TIME else "e.score DESC, e.id DESC"
        return f"{column} {way}, {last}"


async def ids(index: Index, asked: Asked, limit: int, offset: int = 0) -> list[str]:
    """Ids of the events, in order."""
    where, args = asked.where()
    sql = f"SELECT e.id FROM event e WHERE {where} ORDER BY {asked.ordered()} LIMIT ? OFFSET ?"  # noqa: S608
    return [i for (i,) in await index.rows(sql, (*args, limit, offset))]


async def count(index: Index, asked: Asked) -> int:
    """How many there are."""
    where, args = asked.where()
    found = await index.rows(f"SELECT count(*) FROM event e WHERE {where}", args)  # noqa: S608
    return int(found[0][0]) if found else 0


async def grouped(index: Index, asked: Asked, column: str, most: int = 100) -> list[tuple[str, int]]:
    """(Value of a column, number of events), most first; ``column`` is one of ours, never a person's text."""
    assert column in {"type", "source", "province", "stage", "sector", "modality", "company", "product", "day"}
    where, args = asked.where()
    sql = f"SELECT e.{column}, count(*) n FROM event e WHERE {where} GROUP BY 1 ORDER BY n DESC, 1 LIMIT ?"  # noqa: S608
    return [(str(value), int(n)) for value, n in await index.rows(sql, (*args, most))]


def having(asked: Asked, *tags: str) -> Asked:
    """The same with more tags."""
    return replace(asked, tags=(*asked.tags, *tags))
