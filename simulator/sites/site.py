"""What every site of the town is, and how it knows when its pages change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import orjson

from events.clock import SHANGHAI
from simulator.facts import Item
from simulator.faults import Fault, Quirks
from simulator.web import SCRIPT, Ask, Reply, marked

T = TypeVar("T")
DAWN = datetime(1970, 1, 1, tzinfo=UTC)
"""When a site that has nothing yet was last changed."""

ALL_BUT_MARKUP = frozenset(Fault) - {Fault.REORDERED_COLUMNS, Fault.RUISHU_NOISE}


class Timeline:
    """The instants (aware) at which something of a site changes."""

    def __init__(self, instants: Iterable[datetime]) -> None:
        self.instants = sorted(set(instants))

    def last(self, at: datetime) -> datetime:
        """The latest instant that is not after ``at``; `DAWN` where there is none."""
        index = bisect_right(self.instants, at)
        return self.instants[index - 1] if index else DAWN


class Items:
    """What sites of `Item` rows share: which are there at an instant, and which came last."""

    hosts: tuple[str, ...] = ()
    faults = ALL_BUT_MARKUP

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self.timeline = Timeline(item.published for item in items)

    def newest(self, at: datetime) -> str | None:
        return next((item.key for item in self._items if item.published <= at), None)

    def shown(self, at: datetime, quirks: Quirks) -> list[Item]:
        """The items that a list is to show at ``at``, newest first."""
        return [item for item in self._items if item.published <= at and quirks.listed(item.key)]


def marks_of(items: Iterable[Item]) -> str | None:
    """Which of these items are illustrative."""
    return marked((item.key, item.illustrative) for item in items)


class Site(Protocol):
    """One publisher's site. Pure: an answer depends on the request, the instant of the last change and the quirks."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names that it answers to."""
        ...

    @property
    def faults(self) -> frozenset[Fault]:
        """The faults that it can show."""
        ...

    @property
    def timeline(self) -> Timeline:
        """When its pages change."""
        ...

    def newest(self, at: datetime) -> str | None:
        """The key of the item that appeared last, at ``at``; None while there is none."""
        ...

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        """The answer at ``at``; None for a page that does not exist."""
        ...


def shanghai(at: datetime, pattern: str) -> str:
    """``at`` in the zone that all these sites but the FDA state their times in."""
    return at.astimezone(SHANGHAI).strftime(pattern)


def millis(at: datetime) -> int:
    """Milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def whole(text: str, default: int) -> int:
    """A number that a client asked for, at least 0; ``default`` where it is none."""
    return int(text) if text.isdecimal() else default


def cut(rows: Sequence[T], page: int, size: int) -> Sequence[T]:
    """One page of rows; the first page is 0."""
    return rows[page * size : (page + 1) * size]


def jsonp(callback: str, value: Any) -> bytes:
    """``callback(value)``; the bare value where no call-back was asked for."""
    text = orjson.dumps(value)
    return b"%s(%s)" % (callback.encode(), text) if callback else text


def script(callback: str, value: Any, illustrative: str | None) -> Reply:
    """A JSONP answer."""
    return Reply(jsonp(callback, value), SCRIPT, illustrative=illustrative)
