"""Prices: when a product was first priced, and the range of an item's prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from events.view.derived.spec import DerivedSpec, Facts, Row, Value, dims, known, one_currency, tidy
from events.view.series import UNDATED, Window


def _priced(facts: Facts, _: Window) -> Iterator[Row]:
    for fact in facts["price_items"]:
        item, province, product, minor, currency = fact.parts
        where = dims(item=item, province=province, product=product, currency=currency)
        yield Row(fact.day, where, int(minor) if minor else None, currency=currency)


def _amounts(facts: Facts, within: Window) -> Iterator[Row]:
    return (row for row in _priced(facts, within) if row.value is not None)


def _first_day(rows: Sequence[Row]) -> str | None:
    return min((row.day for row in rows if row.day != UNDATED), default=None)


def _lowest(rows: Sequence[Row]) -> Value:
    return tidy(min(known(row.value) for row in rows)) if one_currency(rows) else None


def _highest(rows: Sequence[Row]) -> Value:
    return tidy(max(known(row.value) for row in rows)) if one_currency(rows) else None


_NEEDS = ("price_items",)
_DIMS = ("item", "province", "product", "currency")
METRICS = (
    DerivedSpec(
        "first_price_day",
        "day",
        _DIMS,
        _NEEDS,
        _priced,
        _first_day,
        "Day of the first price item",
        "首次定价日期",
    ),
    DerivedSpec(
        "price_lowest",
        "minor units",
        _DIMS,
        _NEEDS,
        _amounts,
        _lowest,
        "Lowest stated price; none where the items are of several currencies",
        "最低价格（最小货币单位）",
    ),
    DerivedSpec(
        "price_highest",
        "minor units",
        _DIMS,
        _NEEDS,
        _amounts,
        _highest,
        "Highest stated price; none where the items are of several currencies",
        "最高价格（最小货币单位）",
    ),
)
