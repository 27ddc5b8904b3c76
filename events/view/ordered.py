"""A series in the order of its days: made once, so that any day or window of it is a look-up. Pure.

`events.view.series` says what the figures mean, and `Series` gives the same ones (a property in ``tests/events``). It takes for
granted what `apply` holds: an amount is positive, except in a sum.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from events.view.series import SEPARATOR, UNDATED, Fact, Measure, Window, by_day, facts, read

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
Fold = Callable[[Iterable[Fact]], Iterator[tuple[K, V] | None]]
"""Goes through facts in the order of time, those without a day first, and says of each which key has which value from now on,
or None where it changes nothing."""
_AFTER = chr(ord(SEPARATOR) + 1)
_MEMBER = {Measure.DISTINCT: 1, Measure.LATEST: 2, Measure.FACT: 1}
"""Which part of a field is the member."""

_EVER = Window(None, date.max)


class Series:
    """One series, as it was when it was read. ``len`` is the number of its fields."""

    def __init__(self, measure: Measure, fields: Mapping[str, int]) -> None:
        self.measure = measure
        held = fields if self._adds else {name: n for name, n in fields.items() if n > 0}
        self._names = sorted(held)
        self._amounts = [held[name] for name in self._names]
        self._undated = bisect_left(self._names, UNDATED)
        self._read: dict[Callable[[Fact], object], list[object]] = {}
        self._settled: dict[Fold[Any, Any], tuple[list[str], list[tuple[Any, Any]]]] = {}
        self._known: dict[str, Fact] = {}
        self._whole: dict[Callable[[Iterable[Fact]], Any], Any] = {}

    def __len__(self) -> int:
        return len(self._names)

    def after(self, before: Series | None) -> Series:
        """The same. Facts that an earlier reading of this series had are taken from there: most are as they were."""
        self._known = before.known() if before is not None else {}
        return self

    def known(self) -> dict[str, Fact]:
        """Field → fact, as far as they were taken apart; else those of the reading before."""
        return dict(zip(self._names, self._facts, strict=True)) if "_facts" in vars(self) else self._known

    def read(self, within: Window, state: str | None = None) -> int:
        """The value in a window, as `events.view.series.read` gives it."""
        if self._adds:
            dated, undated = self._places(within)
            return sum(self._amounts[dated]) + sum(self._amounts[undated])
        if state is None and within.start is None:
            return bisect_right(self._first_days, within.last)
        if self.measure is Measure.LATEST:
            return sum(1 for last in self.latest(within).values() if state is None or last == state)
        return read(self.measure, self._fields(Window(None, within.end)), within, state)

    def latest(self, within: Window) -> dict[str, str]:
        """The last state of each member, as `events.view.series.latest` gives it."""
        last = self.settled(_last_states, Window(None, within.end))
        return {member: state for member, (state, day) in last.items() if within.includes(day)}

    def facts(self, until: Window) -> list[Fact]:
        """The facts in a window, in the order of their text."""
        dated, undated = self._places(until)
        return self._facts[dated] + self._facts[undated]

    def each(self, read: Callable[[Fact], T], until: Window) -> list[T]:
        """What ``read`` gives for each fact in a window, in the order of `facts`; each fact is read once for all windows."""
        if read not in self._read:
            self._read[read] = list(map(read, self._facts))
        dated, undated = self._places(until)
        found = self._read[read]
        return found[dated] + found[undated]  # type: ignore[return-value]  # what `read` gave

    def settled(self, fold: Fold[K, V], until: Window) -> dict[K, V]:
        """Key → value by the end of a window that has no start: what a fold said last. It goes once for all windows."""
        if fold not in self._settled:
            dated, undated = slice(0, self._undated), slice(self._undated, len(self))
            held = self._facts[undated] + self._facts[dated]
            said = [
                ("" if fact.day == UNDATED else fact.day, change)
                for fact, change in zip(held, fold(held), strict=True)
                if change is not None
            ]
            self._settled[fold] = [day for day, _ in said], [change for _, change in said]
        days, changes = self._settled[fold]
        return dict(changes[: bisect_right(days, until.last)])

    def whole(self, make: Callable[[Iterable[Fact]], T]) -> T:
        """What ``make`` gives for all facts, of whatever day. It is made once, and nobody's to change."""
        if make not in self._whole:
            self._whole[make] = make(self._facts)
        return self._whole[make]  # type: ignore[no-any-return]  # what `make` gave

    def facts_of(self, member: str, until: Window) -> list[Fact]:
        """Those of one member (their first part)."""
        return [fact for fact in self._facts_by_member.get(member, ()) if until.includes(fact.day)]

    def daily(self) -> dict[str, int]:
        """ISO day → amount, as `events.view.series.by_day` gives it."""
        return by_day(self._fields(_EVER))

    @property
    def _adds(self) -> bool:
        return self.measure in {Measure.COUNT, Measure.SUM}

    def _places(self, within: Window) -> tuple[slice, slice]:
        """Where the fields of the window lie: those with a day, and those without."""
        start = bisect_left(self._names, within.first)
        end = bisect_left(self._names, within.last + _AFTER, hi=self._undated)
        return slice(start, end), slice(self._undated if within.start is None else len(self), len(self))

    def _fields(self, within: Window) -> dict[str, int]:
        dated, undated = self._places(within)
        names = self._names[dated] + self._names[undated]
        return dict(zip(names, self._amounts[dated] + self._amounts[undated], strict=True))

    @cached_property
    def _first_days(self) -> list[str]:
        """For each member the first day on which it counts, in order; one that counts undated does so from the beginning."""
        place, first = _MEMBER[self.measure], dict[str, str]()
        for name in reversed(self._names):
            parts = name.split(SEPARATOR)
            first[parts[place]] = "" if first.get(parts[place]) == "" or parts[0] == UNDATED else parts[0]
        return sorted(first.values())

    @cached_property
    def _facts(self) -> list[Fact]:
        known, self._known = self._known, {}
        held = zip(self._names, self._amounts, strict=True)
        if not known:
            return facts(dict(held), _EVER)
        return [
            fact if (fact := known.get(name)) is not None and fact.amount == n else facts({name: n}, _EVER)[0]
            for name, n in held
        ]

    @cached_property
    def _facts_by_member(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for fact in self._facts:
            found.setdefault(fact.parts[0], []).append(fact)
        return found


def _last_states(held: Iterable[Fact]) -> Iterator[tuple[str, tuple[str, str]] | None]:
    """Member → its last state and the day of that; of one instant the greater state."""
    ranks: dict[str, tuple[str, str, str]] = {}
    for fact in held:
        instant, member, state = fact.parts
        rank = instant, state, fact.day
        if rank <= ranks.get(member, ("", "", "")):
            yield None
        else:
            ranks[member] = rank
            yield member, (state, fact.day)
