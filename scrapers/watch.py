"""Which items are gone from a list that should still hold them. Pure.

An item that newer ones have pushed off the end is not gone. It is missed only where one that stood below it still stands in
the list, and where it stood in the order of dates: one that was pinned to the top goes back to its place unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.base import Message
from events.notice import Notice
from scrapers.expect import Expectation

MOST_ORDER = 500
"""Rows of a list whose order is remembered."""

PATIENCE = 5
"""Readings in a row with most items gone after which the list is taken for what it now is."""


class ListMemory(Message):
    """A list as it was: the keys of its items from the top, those that are ``gone`` at their old place.

    ``odd`` counts the readings in a row in which most of the items were gone.
    """

    url: str = ""
    order: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    odd: int = 0
    expected: Expectation = Expectation()


@dataclass(frozen=True, slots=True)
class Compared:
    """A list held against its memory. ``drift`` says that so many are gone that it is another list, and no withdrawal."""

    memory: ListMemory
    gone: frozenset[str] = frozenset()
    drift: str | None = None


def compare(before: ListMemory, url: str, rows: Sequence[Notice], dates: Mapping[str, datetime | None]) -> Compared:
    """What is gone from the list at ``url``. ``dates`` has the items that are remembered, with their dates."""
    keys = tuple(row.item_key for row in rows[:MOST_ORDER])
    if before.url == url and before.order == keys and not (before.gone or before.odd):
        return Compared(before)
    fresh = ListMemory(url=url, order=keys, expected=before.expected)
    if before.url != url:
        return Compared(fresh)
    present = {row.item_key for row in rows}
    above = _missed(before.order, present, dates, _bottom(rows))
    gone = [key for held in above.values() for key in held]
    stays = sum(key in present for key in before.order if key in dates)
    if len(gone) * 2 > len(gone) + stays:
        if before.odd + 1 >= PATIENCE:
            return Compared(fresh)
        said = f"{len(gone)} of {len(gone) + stays} items that should be in the list are gone"
        return Compared(before.model_copy(update={"odd": before.odd + 1}), drift=said)
    order = [key for row in keys for key in (*above.get(row, ()), row)]
    memory = fresh.model_copy(update={"order": tuple(order), "gone": tuple(gone)})
    return Compared(memory, frozenset(gone))


def _missed(
    order: Sequence[str], present: set[str], dates: Mapping[str, datetime | None], bottom: datetime | None
) -> dict[str, list[str]]:
    """Row that still stands → the items that are missed right above it, from the top."""
    above: defaultdict[str, list[str]] = defaultdict(list)
    below: str | None = None
    newest_below: datetime | None = None
    for key in reversed(order):
        date = dates.get(key)
        in_order = date is None or newest_below is None or date >= newest_below
        in_span = date is None or bottom is None or date >= bottom
        if key in present:
            below = key
        elif below is not None and key in dates and in_order and in_span:
            above[below].insert(0, key)
        if date is not None:
            newest_below = max(date, newest_below or date)
    return above


def _bottom(rows: Sequence[Notice]) -> datetime | None:
    """The date of the lowest row that states one: where the span of the list ends."""
    return next((row.published_at for row in reversed(rows) if row.published_at), None)
