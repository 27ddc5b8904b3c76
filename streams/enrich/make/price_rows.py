"""Price items from the table of a notice, and what the guide of a specialty says of itself. Money is integer fen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from events.base import Money
from events.event import PriceItem
from events.ids import fact_id
from events.labels import Kind
from events.notice import Notice
from events.said import price_row
from streams.enrich.explain import explain
from streams.enrich.make.common import Unusable, common, effective_on, province
from streams.enrich.normalise import simplified
from streams.enrich.register import register

GRADES = ("price_level3", "price_level2", "price_level1")
_PRICES = ("price", *GRADES)
_COUNTS = ("main_items", "addon_items", "extension_items", "mapped_items")
_MOST = 10_000
_NO_PRICES = re.compile(r"征求意见|公开征求|解读|废止|取消|停用|停止|清理")
_AMOUNT = r"(\d{1,9})(?:\.(\d{1,4}))?"
_STATED = re.compile(
    rf"(?:最高|上限|不超过|不高于|≤|<=|人民币|[¥¥])*:?{_AMOUNT}(?:元)?(?:(?:-|~|—|–|至|到)[¥¥]?{_AMOUNT})?"
    r"(?:元)?(?:(?:/|每)(?P<unit>[^\d]{1,12}))?"
)
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SPACE = re.compile(r"\s+")


def has_prices(notice: Notice) -> bool:
    """Whether a notice holds a table of items with prices that it sets; a draft or an explanation sets none."""
    if _NO_PRICES.search(simplified(notice.title)):
        return False
    return any(row.get("item_name") and any(row.get(key) for key in _PRICES) for row in notice.rows)


def amounts(text: str) -> tuple[Money | None, Money | None, str]:
    """The price of a cell, the upper end where it is a range, and the unit: ``120.5元/次``, ``80-120``, ``1,200``.

    Nothing for a cell that says anything else (自主定价, 1.2万元), or that is finer than a fen.
    """
    plain = _GROUPED.sub("", _SPACE.sub("", unicodedata.normalize("NFKC", text)))
    if (match := _STATED.fullmatch(plain)) is None:
        return None, None, ""
    low, high = _fen(match[1], match[2]), _fen(match[3], match[4])
    if low is None or (match[3] and (high is None or high.minor < low.minor)):
        return None, None, ""
    return low, high, match["unit"] or ""


def _fen(yuan: str | None, after: str | None) -> Money | None:
    fen = (after or "").ljust(2, "0")
    if yuan is None or fen[2:].strip("0"):
        return None
    return Money(minor=int(yuan) * 100 + int(fen[:2]), currency="CNY")


def priced_rows(notice: Notice) -> list[PriceItem]:
    """One item for each row that names one, once per code or name. Raises `Unusable` where the authority cannot be told."""
    where = province(notice)
    if where is None:
        raise Unusable(f"the price notice {notice.item_key!r} does not tell whose it is")
    made: dict[str, PriceItem] = {}
    for row in notice.rows:
        if row.get("item_name"):
            item = _item(notice, row, where)
            made.setdefault(item.event_id, item)
    return list(made.values())


def _item(notice: Notice, row: Mapping[str, str], where: str) -> PriceItem:
    name, code = row["item_name"], row.get("item_code", "")
    labels = explain(price_row(row))
    found = [register().product_ref(p) for p in register().products_in(name, {e.id for e in labels.entities})]
    product = found[0] if len(found) == 1 else None
    named = (*found, *labels.entities)
    low, high, unit = amounts(row.get("price", ""))
    grades = {key: amounts(row.get(key, ""))[0] for key in GRADES}
    said = {"title": name} if name else {}
    return PriceItem(
        event_id=fact_id("price", where, code or simplified(name)),
        **(common(notice, labels, Kind.PRICE, *named) | said),
        province=where,
        item_name=name,
        item_code=code or None,
        product=product,
        price=low,
        price_max=high,
        unit=row.get("unit") or unit or None,
        effective_on=in_force(notice),
        **grades,
    )


def in_force(notice: Notice) -> date | None:
    """The first day on which a notice holds, as its text or its parser states it."""
    if found := effective_on(notice.body):
        return found
    try:
        return date.fromisoformat(notice.fields.get("effective_on", ""))
    except ValueError:
        return None


def guide(notice: Notice) -> dict[str, Any]:
    """What the guide of a specialty (立项指南) says of itself; nothing for another notice."""
    fields = notice.fields
    counts = {key: int(said) for key in _COUNTS if (said := fields.get(key, "")).isdecimal() and int(said) <= _MOST}
    return {key: fields[key] for key in ("specialty", "batch") if fields.get(key)} | counts
