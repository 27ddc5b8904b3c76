"""Questions to the index: which events have these tags and words, up to a day, in an order. Pure: questions become SQL."""

from __future__ import annotations

from dataclasses import dataclass
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
    Order.NUMBER: "e.number",
    Order.PRODUCT: "e.product_name",
    Order.COMPANY: "e.company_name",
    Order.SECTOR: "e.sector",
    Order.CLOSES: "e.closes",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events: those with every tag and every word, in days of Asia/Shanghai.

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

    @property
    def _walked(self) -> bool:
        """Whether the events are those of a tag's entries: then these are walked in the order of days, and few events read."""
        return bool(self.tags) and not (self._of_type or self.counted or self.text.strip() or self.closes_after)

    @property
    def _of_type(self) -> str:
        """The type, where that is the only tag: a column with an index of its own."""
        [first, *more] = self.tags or [""]
        return first.removeprefix("type=") if first.startswith("type=") and not more else ""

    def source(self, *, events: bool, ranged: bool = True) -> tuple[str, list[Any]]:
        """The FROM and WHERE of the question and its arguments: over ``event e``, left out where no ``events`` are needed.

        Without ``ranged`` the days are not looked up in an index: where every event is looked at anyway, in another order.
        """
        days: list[Any] = [self.since.isoformat() if self.since else "", self.until.isoformat()]
        # The tag that fewest events have, as far as its kind tells, is looked up first.
        tags = [tag(name) for name in sorted(self.tags, key=_breadth) if not self._of_type]
        if self._walked:
            first, *more = tags
            tables = "tag t JOIN event e ON e.rowid = t.event" if events else "tag t"
            where = f"t.name = ? AND {_DAYS.format('t')}{_has('t.day', 't.event') * len(more)}"
            return f"{tables} WHERE {where}", [first, *days, *more]
        looked_up = ranged and not self.text.strip() and self.closes_after is None
        parts, args = [_DAYS.format("e" if looked_up else "+e")], days
        if self.counted:
            parts, args = ["e.rowid IN (SELECT event FROM tag WHERE name = ? AND day >= ? AND day <= ?)"], []
            args = [tag(self.counted), *days]
        if self._of_type:
            parts.append("e.type = ?")
            args.append(self._of_type)
        if self.text.strip():
            words = query(self.text)
            parts.append("e.rowid IN (SELECT rowid FROM words WHERE words MATCH ?)" if words else "0")
            args += [words] if words else []
        if self.closes_after is not None:
            parts.append("e.closes != '' AND e.closes >= ?")
            args.append(self.closes_after.isoformat())
        return f"event e WHERE {' AND '.join(parts)}{_has('e.day', 'e.rowid') * len(tags)}", [*args, *tags]

    def ordered(self) -> str:
        """The ORDER BY terms; the newest first among equals."""
        way = "DESC" if self.descending else "ASC"
        if self.order is not Order.TIME:
            return f"{_COLUMNS[self.order]} {way}, e.score DESC, e.id DESC"
        # The day first, by which there is an index, though the instant says the same: then only a day's events are sorted.
        return f"{'t' if self._walked else 'e'}.day {way}, e.score {way}, e.id {way}"


def _breadth(name: str) -> int:
    kind = name.partition("=")[0]
    return (
        0
        if kind in {"company", "entity", "product"}
        else 2
        if kind in {"type", "source", "device_class", "origin"}
        else 1
    )


_DAYS = "{0}.day >= ? AND {0}.day <= ?"


def _has(day: str, event: str) -> str:
    """That an event has a tag beside. A label lies under the event's own day."""
    return f" AND EXISTS (SELECT 1 FROM tag x WHERE x.name = ? AND x.day = {day} AND x.event = {event})"  # noqa: S608


async def ids(index: Index, asked: Asked, limit: int, offset: int = 0) -> list[str]:
    """Ids of the events, in order."""
    source, args = asked.source(events=True)
    sql = f"SELECT e.id FROM {source} ORDER BY {asked.ordered()} LIMIT ? OFFSET ?"  # noqa: S608
    return [i for (i,) in await index.rows(sql, (*args, limit, offset))]


async def count(index: Index, asked: Asked) -> int:
    """How many there are."""
    source, args = asked.source(events=False)
    found = await index.rows(f"SELECT count(*) FROM {source}", args)  # noqa: S608
    return int(found[0][0]) if found else 0


async def grouped(index: Index, asked: Asked, column: str, most: int = 100) -> list[tuple[str, int]]:
    """(Value of a column, number of events), most first; ``column`` is one of ours, never a person's text."""
    assert column in {"type", "source", "province", "stage", "sector", "modality", "company", "product", "day"}
    source, args = asked.source(events=True, ranged=False)
    sql = f"SELECT e.{column}, count(*) n FROM {source} GROUP BY 1 ORDER BY n DESC, 1 LIMIT ?"  # noqa: S608
    return [(str(value), int(n)) for value, n in await index.rows(sql, (*args, most))]
