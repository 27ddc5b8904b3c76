"""What the plain recomputation is made of: observations, windows, and numbers out of observations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from events.clock import shanghai_day
from events.event import EventBase

T = TypeVar("T")
By = dict[str, AbstractSet[str]]
"""What something can be grouped by: dimension → its values."""
Exact = int | Fraction | str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation: its civil day in Shanghai (None is undated), what it can be grouped by, and what was observed."""

    day: date | None
    what: Exact = None
    by: By = field(default_factory=dict)
    rank: tuple[bool, date, date] = (False, date.min, date.min)
    currency: str | None = None


Observe = Callable[[Sequence[EventBase], date], Iterable[Seen]]
Reduce = Callable[[Sequence[Seen]], Exact]
Plain = tuple[Observe, Reduce]


def day_of(event: EventBase) -> date | None:
    """The civil day of an event."""
    return shanghai_day(event.event_time) if event.event_time else None


def keep(last: dict[str, EventBase], event: EventBase) -> None:
    """Keep an event by its id, unless a version as late is there."""
    if event.event_id not in last or event.order > last[event.event_id].order:
        last[event.event_id] = event


def standing(events: Iterable[EventBase]) -> list[EventBase]:
    """The last version of each event, retracted ones left out, in the order of their ids."""
    last: dict[str, EventBase] = {}
    for event in events:
        keep(last, event)
    return [last[one] for one in sorted(last) if not last[one].retracted]


def inside(day: date | None, window: str, as_of: date) -> bool:
    """Whether a day lies in a window that ends on ``as_of``. Raises ValueError for an unknown window."""
    if day is None or window == "cumulative":
        return window == "cumulative" and (day is None or day <= as_of)
    match window:
        case "month":
            within = (day.year, day.month) == (as_of.year, as_of.month)
        case "year":
            within = day.year == as_of.year
        case "statistical_year":
            within = statistical_year(day) == statistical_year(as_of)
        case _:
            within = day > as_of - timedelta(days=int(window.removesuffix("d")))
    return within and day <= as_of


def statistical_year(day: date) -> int:
    """The year in which the statistical year of a day ends."""
    return (day + timedelta(days=122)).year if day.month >= 9 else day.year


def groups(**by: object) -> By:
    """What is known of the values to group by; a set has several."""
    return {
        name: frozenset(map(str, value)) if isinstance(value, set | frozenset) else _alone(str(value))
        for name, value in by.items()
        if value not in (None, "", set())
    }


@lru_cache(maxsize=1 << 16)
def _alone(value: str) -> frozenset[str]:
    """Shared: an empty set takes more memory than an observation."""
    return frozenset({value})


def grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """What belongs to each key, in its order."""
    found: dict[str, list[T]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return found


def total(seen: Sequence[Seen]) -> Exact:
    """The sum of what was observed."""
    # Counts are whole numbers nearly always: to add up a million fractions of 1 takes a tenth of `verify`.
    return whole(sum(_exact(one) for one in seen))


def different(seen: Sequence[Seen]) -> Exact:
    """How many different things were observed."""
    return len({one.what for one in seen})


def part(seen: Sequence[Seen]) -> Exact:
    """The mean, in basis points."""
    return bp(sum((number(one) for one in seen), Fraction()) / len(seen)) if seen else None


def median(seen: Sequence[Seen]) -> Exact:
    """The middle one, or the mean of the two in the middle."""
    ordered = sorted(number(one) for one in seen)
    if not ordered:
        return None
    half = len(ordered) // 2
    return whole(ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2)


def one_money(reduce: Reduce) -> Reduce:
    """The same, but None unless everything is in one currency."""
    return lambda seen: reduce(seen) if len({one.currency for one in seen}) == 1 else None


def number(one: Seen) -> Fraction:
    """What was observed, as a fraction."""
    return Fraction(_exact(one))


def _exact(one: Seen) -> int | Fraction:
    assert isinstance(one.what, int | Fraction), one
    return one.what


def whole(value: int | Fraction) -> int | Fraction:
    """An integer where it is one."""
    return int(value) if value == int(value) else value


def bp(value: Fraction) -> int:
    """Basis points, halves to even."""
    return round(value * 10_000)
