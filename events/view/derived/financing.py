"""Financing: amounts by currency, what was not disclosed, and the share of early rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial

from events.view.derived.spec import DerivedSpec, Facts, Row, Value, dims, known, one_currency, share, tidy
from events.view.series import Window


def _rounds(facts: Facts) -> Iterator[tuple[Row, str, str, str]]:
    """Each round as a row, its lower and upper amount, and ``true``, ``false`` or nothing for early stage."""
    for fact in facts["financing_deals"]:
        _, company, name, sector, early, year, low, high, currency = fact.parts
        of = dims(company=company, round=name, sector=sector, statistical_year=year, currency=currency)
        yield Row(fact.day, of, None, currency=currency), low, high, early


def _amounts(end: int, facts: Facts, _: Window) -> Iterator[Row]:
    for row, *amounts, _early in _rounds(facts):
        if amounts[end]:
            yield Row(row.day, row.dims, int(amounts[end]), currency=row.currency)


def _undisclosed(facts: Facts, _: Window) -> Iterator[Row]:
    for row, low, high, _early in _rounds(facts):
        if not low and not high:
            yield row


def _early(facts: Facts, _: Window) -> Iterator[Row]:
    for row, _low, _high, early in _rounds(facts):
        if early:
            yield Row(row.day, row.dims, int(early == "true"))


def _each(facts: Facts, _: Window) -> Iterator[Row]:
    return (row for row, *_rest in _rounds(facts))


def _sum(rows: Sequence[Row]) -> int | Fraction:
    return tidy(sum((known(row.value) for row in rows), Fraction()))


def _total(rows: Sequence[Row]) -> Value:
    return _sum(rows) if one_currency(rows) else None


_NEEDS = ("financing_deals",)
_DIMS = ("company", "round", "sector", "statistical_year")
METRICS = (
    DerivedSpec(
        "rounds",
        "rounds",
        _DIMS,
        _NEEDS,
        _each,
        len,
        "Financing rounds by several dimensions at once (financing_rounds is kept by one)",
        "融资事件（可按多个维度）",
    ),
    DerivedSpec(
        "early_stage_rounds",
        "rounds",
        _DIMS,
        _NEEDS,
        _early,
        _sum,
        "Rounds before Series B",
        "早期（B 轮前）融资事件",
    ),
    DerivedSpec(
        "financing_low",
        "minor units",
        (*_DIMS, "currency"),
        _NEEDS,
        partial(_amounts, 0),
        _total,
        "Sum of the lower ends of stated amounts; none over several currencies",
        "融资金额合计（区间下限，按币种）",
    ),
    DerivedSpec(
        "financing_high",
        "minor units",
        (*_DIMS, "currency"),
        _NEEDS,
        partial(_amounts, 1),
        _total,
        "Sum of the upper ends of stated amounts; none over several currencies",
        "融资金额合计（区间上限，按币种）",
    ),
    DerivedSpec(
        "financing_undisclosed",
        "rounds",
        _DIMS,
        _NEEDS,
        _undisclosed,
        len,
        "Rounds whose amount was not disclosed",
        "未披露金额的融资事件",
    ),
    DerivedSpec(
        "early_stage_share",
        "basis points",
        _DIMS,
        _NEEDS,
        _early,
        share,
        "Share of rounds before Series B, of those whose stage is known",
        "早期（B 轮前）融资占比",
    ),
)
