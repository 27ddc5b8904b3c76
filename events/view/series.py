"""The arithmetic of series: contributions, windows and measures. Pure; nothing here knows Redis.

A series is a mapping of fields to integers, and an event's contribution is an integer added to one field. That holds for
every measure, so that taking a contribution back is the same addition with the sign turned:

======== ================================== ==========================================================
measure  field                              value read for days [from, to]
======== ================================== ==========================================================
count    ``day``                            the sum of the fields in the window
sum      ``day``                            the same, of amounts
distinct ``day|member``                     how many members have a positive count in the window
latest   ``day|instant|member|state``       how many members have this state as their last up to ``to``
fact     ``day|member|part|part…``          how many members have a fact with a positive count in the window
======== ================================== ==========================================================

``day`` is a civil day in Asia/Shanghai, or `UNDATED`, which only the cumulative window includes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from events.clock import shanghai_day, to_utc

UNDATED = "undated"
SEPARATOR = "|"


class Measure(StrEnum):
    """How the fields of a series become one number."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    LATEST = "latest"
    FACT = "fact"


Contribution: TypeAlias = tuple[str, str, str, int]
"""What one event adds to one field of one series: metric, `dim_key`, field, amount."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days ``[start, end]``, both included; ``start`` None is from the beginning (cumulative, undated facts included).

    ``first`` and ``last`` are the same days as ISO texts, ``first`` empty where there is no start.
    """

    start: date | None
    end: date
    first: str = field(init=False, repr=False, compare=False)
    last: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # As texts once: a window is held against thousands of days.
        object.__setattr__(self, "first", self.start.isoformat() if self.start else "")
        object.__setattr__(self, "last", self.end.isoformat())

    def includes(self, day: str) -> bool:
        """Whether a day field (ISO date or `UNDATED`) lies in the window."""
        return not self.first if day == UNDATED else self.first <= day <= self.last


WINDOWS = ("7d", "30d", "90d", "365d", "month", "year", "statistical_year", "cumulative")


def window(name: str, as_of: date) -> Window:
    """The window ``name`` that ends on ``as_of``. Statistical years start on 1 September.

    Raises ValueError, naming the windows there are, for an unknown one.
    """
    if name == "cumulative":
        return Window(None, as_of)
    if name == "month":
        return Window(as_of.replace(day=1), as_of)
    if name == "year":
        return Window(as_of.replace(month=1, day=1), as_of)
    if name == "statistical_year":
        return Window(date(as_of.year if as_of.month >= 9 else as_of.year - 1, 9, 1), as_of)
    if name in WINDOWS:
        return Window(as_of - timedelta(days=int(name[:-1]) - 1), as_of)
    raise ValueError(f"no window is called {name!r}; there are {', '.join(WINDOWS)}")


def day_field(at: datetime | None) -> str:
    """The day bucket of an instant: the civil day in Asia/Shanghai, or `UNDATED`."""
    return UNDATED if at is None else _day(at)


@lru_cache(maxsize=4096)
def _day(at: datetime) -> str:
    return shanghai_day(at).isoformat()


def member_field(at: datetime | None, member: str) -> str:
    """The field of a distinct measure."""
    return f"{day_field(at)}{SEPARATOR}{_clean(member)}"


def state_field(at: datetime | None, rank: int, member: str, state: str) -> str:
    """The field of a latest measure. ``rank`` (0–99) decides between states of one instant: the greater one is later."""
    instant = "" if at is None else to_utc(at).isoformat()
    return SEPARATOR.join((day_field(at), f"{instant}#{rank:02d}", _clean(member), _clean(state)))


def fact_field(at: datetime | None, *parts: str) -> str:
    """The field of a fact measure: a small row that `events.view.derived` joins with others. The first part is the member."""
    return SEPARATOR.join((day_field(at), *map(_clean, parts)))


def read(measure: Measure, fields: Mapping[str, int], within: Window, state: str | None = None) -> int:
    """The value of a series in a window. ``state`` is needed for, and only used by, `Measure.LATEST`."""
    match measure:
        case Measure.COUNT | Measure.SUM:
            return sum(amount for day, amount in fields.items() if within.includes(day))
        case Measure.DISTINCT:
            return len(members(fields, within))
        case Measure.LATEST:
            return sum(1 for last in latest(fields, within).values() if state is None or last == state)
        case Measure.FACT:
            return len({fact.parts[0] for fact in facts(fields, within)})


def members(fields: Mapping[str, int], within: Window) -> set[str]:
    """The members of a distinct series that count in the window."""
    held: dict[str, int] = {}
    for name, amount in fields.items():
        day, _, member = name.partition(SEPARATOR)
        if within.includes(day):
            held[member] = held.get(member, 0) + amount
    return {member for member, amount in held.items() if amount > 0}


def latest(fields: Mapping[str, int], within: Window) -> dict[str, str]:
    """The last state of each member up to the end of the window, where that state was reached inside it."""
    last: dict[str, tuple[str, str, str]] = {}
    until = Window(None, within.end)
    for name, amount in fields.items():
        day, instant, member, state = name.split(SEPARATOR, 3)
        if amount > 0 and until.includes(day):
            last[member] = max(last.get(member, ("", "", "")), (instant, state, day))
    return {member: state for member, (_, state, day) in last.items() if within.includes(day)}


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a series taken apart: its day (ISO date or `UNDATED`), its parts, and how many events say so."""

    day: str
    parts: tuple[str, ...]
    amount: int


def facts(fields: Mapping[str, int], within: Window) -> list[Fact]:
    """The fields with a positive count in the window, in the order of their text; for fact and latest measures."""
    split = ((name.split(SEPARATOR), fields[name]) for name in sorted(fields))
    return [Fact(day, tuple(parts), n) for (day, *parts), n in split if n > 0 and within.includes(day)]


def by_day(fields: Mapping[str, int]) -> dict[str, int]:
    """A count or sum series as day → amount, in the order of days, undated facts left out."""
    return {day: fields[day] for day in sorted(fields) if day != UNDATED}


def dim_key(dims: Mapping[str, str]) -> str:
    """``dim=value`` pairs in the order of their names, joined by commas; empty for the total."""
    return ",".join(f"{name}={_clean(dims[name]).replace(',', '_')}" for name in sorted(dims))


def parse_dim_key(key: str) -> dict[str, str]:
    """The inverse of `dim_key`."""
    return dict(_pairs(key))


def _pairs(key: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, key.split(",")):
        name, _, value = part.partition("=")
        yield name, value


def _clean(text: str) -> str:
    return text.replace(SEPARATOR, "/").replace("\n", " ")
