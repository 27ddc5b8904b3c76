"""What a derived metric is made of: rows out of base series, and one number out of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, TypeVar

from events.view.ordered import Fold, Series
from events.view.series import UNDATED, Fact, Window

Value = int | Fraction | str | None
"""Exact: an integer, a fraction, a day or None where the facts do not tell. Never a float."""

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

FULL = 10_000
"""Basis points in one."""


class Facts(Mapping[str, Sequence[Fact]]):
    """Name of a base series → its facts up to the as-of day, undated ones included. What is made of them is made once.

    With ``series`` and ``until``, the series that they are the facts of, so that what is read out of a single fact is read
    once for all days.
    """

    def __init__(
        self,
        held: Mapping[str, Sequence[Fact]],
        series: Mapping[str, Series] | None = None,
        until: Window | None = None,
    ) -> None:
        self._held = dict(held)
        self._series = dict(series or {})
        self._until = until
        self._made: dict[Callable[[Facts], object], object] = {}

    def __getitem__(self, name: str) -> Sequence[Fact]:
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def each(self, name: str, read: Callable[[Fact], T]) -> Sequence[T]:
        """What ``read`` gives for each fact of a series, in their order."""
        if self._until is not None and name in self._series:
            return self._series[name].each(read, self._until)
        return [read(fact) for fact in self[name]]

    def settled(self, name: str, fold: Fold[K, V]) -> dict[K, V]:
        """Key → value: what a fold over a series said last, up to the as-of day."""
        if self._until is not None and name in self._series:
            return self._series[name].settled(fold, self._until)
        held = sorted(self[name], key=lambda fact: "" if fact.day == UNDATED else fact.day)
        return dict(change for change in fold(held) if change is not None)

    def whole(self, name: str, make: Callable[[Iterable[Fact]], T]) -> T:
        """What ``make`` gives for a series: all that is held of it, so that facts after the as-of day may be among them."""
        if self._until is not None and name in self._series:
            return self._series[name].whole(make)
        return make(self[name])

    @property
    def last(self) -> str:
        """The as-of day in ISO 8601; greater than any where nothing later is held."""
        return UNDATED if self._until is None else self._until.last

    def made(self, make: Callable[[Facts], T]) -> T:
        """What ``make`` gives for these facts, which several metrics and dimensions ask for. It is nobody's to change."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]  # type: ignore[return-value]  # what `make` gave


class Row(NamedTuple):
    """One observation: the day that it belongs to, the values of its dimensions, and what was observed."""

    day: str
    dims: Mapping[str, tuple[str, ...]]
    value: Value
    order: tuple[bool, str, str] = (False, "", "")
    currency: str = ""


Rows = Callable[[Facts, Window], Iterable[Row]]
Aggregate = Callable[[Sequence[Row]], Value]


@dataclass(frozen=True, slots=True)
class DerivedSpec:
    """One derived metric. ``needs`` are the base series; rows outside the window are left out before ``aggregate``."""

    name: str
    unit: str
    dims: tuple[str, ...]
    needs: tuple[str, ...]
    rows: Rows = field(repr=False)
    aggregate: Aggregate = field(repr=False)
    en: str
    zh: str


def dims(**values: str | Iterable[str] | None) -> dict[str, tuple[str, ...]]:
    """Dimensions of a row; one that is empty or None is left out."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in values.items():
        if kept := (value,) if isinstance(value, str) and value else tuple(filter(None, value or ())):
            found[name] = kept
    return found


def value(spec: DerivedSpec, facts: Facts, within: Window, where: Mapping[str, str]) -> Value:
    """The metric in a window, over the rows that have every value of ``where``."""
    return spec.aggregate(kept(spec, facts, within, where))


def table(spec: DerivedSpec, facts: Facts, within: Window, by: str, where: Mapping[str, str]) -> dict[str, Value]:
    """The same value by value of the dimension ``by``, in the order of the values."""
    groups: dict[str, list[Row]] = {}
    for row in kept(spec, facts, within, where):
        for one in row.dims.get(by, ()):
            groups.setdefault(one, []).append(row)
    return {one: spec.aggregate(groups[one]) for one in sorted(groups)}


def kept(spec: DerivedSpec, facts: Facts, within: Window, where: Mapping[str, str]) -> list[Row]:
    """The rows of the window that have every value of ``where``."""
    rows = [row for row in spec.rows(facts, within) if within.includes(row.day)]
    for dim, wanted in where.items():
        rows = [row for row in rows if wanted in row.dims.get(dim, ())]
    return rows


def known(value: Value) -> int | Fraction:
    """A number of a row. Raises TypeError for a text or None."""
    if isinstance(value, int | Fraction):
        return value
    raise TypeError(f"{value!r} is no number")


def tidy(number: int | Fraction) -> int | Fraction:
    """A whole number as an integer."""
    return number.numerator if number.denominator == 1 else number


def basis_points(share: Fraction) -> int:
    """A share in basis points, halves to even."""
    return round(share * FULL)


def distinct(rows: Sequence[Row]) -> int:
    """How many different values the rows have."""
    return len({row.value for row in rows})


def mean(rows: Sequence[Row]) -> Fraction:
    """The mean, exact. Raises ZeroDivisionError without rows, TypeError for a row that is no number."""
    return Fraction(sum(known(row.value) for row in rows), len(rows))


def share(rows: Sequence[Row]) -> int | None:
    """The mean of rows that are 0 or 1, in basis points; None without rows."""
    return basis_points(mean(rows)) if rows else None


def middle(rows: Sequence[Row]) -> int | Fraction | None:
    """The median, exact; None without rows."""
    if not rows:
        return None
    values = sorted(known(row.value) for row in rows)
    half = len(values) // 2
    return tidy(values[half] if len(values) % 2 else Fraction(values[half - 1] + values[half], 2))


def one_currency(rows: Sequence[Row]) -> bool:
    """Whether there are rows, and all of one currency: amounts of two are never put together."""
    return len({row.currency for row in rows}) == 1


def first_seen(key: Callable[[Fact], str | None]) -> Fold[str, str]:
    """The fold to the first day of each key; `UNDATED` only where no day is known. Facts whose key is None are left out."""

    def fold(held: Iterable[Fact]) -> Iterator[tuple[str, str] | None]:
        seen: dict[str, str] = {}
        for fact in held:
            one = key(fact)
            if one is None or seen.get(one, UNDATED) != UNDATED or (one in seen and fact.day == UNDATED):
                yield None
            else:
                seen[one] = fact.day
                yield one, fact.day

    return fold
