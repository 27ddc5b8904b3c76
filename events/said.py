"""The text that an event was read from, and that its evidence points into: one rule for who reads it and who shows it. Pure.

It is a title, one line feed, and a body. An item of a table is read from the words of its row, not from the whole page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from events.event import DeviceApproval, EventBase, OverseasClearance, PriceItem
from events.notice import Notice

_NOT_IN_NUMBERS = re.compile(r"\D")


def whole(notice: Notice) -> str:
    """The text of a whole notice."""
    return f"{notice.title}\n{notice.body}"


def device_row(name: str, row: Mapping[str, str]) -> str:
    """The text of a row of a list of certificates; ``name`` is its product, or its number where it names none."""
    body = "\n".join(filter(None, (row.get("composition"), row.get("intended_use"))))
    return f"{name}\n{body}"


def price_row(row: Mapping[str, str]) -> str:
    """The text of a row of a list of prices."""
    return f"{row['item_name']}\n{row.get('pricing_note', '')}"


def clearance(product: str, panel: str | None) -> str:
    """The text of an entry of a register."""
    return f"{product}\n{panel or ''}"


def read_from(event: EventBase, notice: Notice) -> str:
    """The text that the evidence of an event of this notice counts from."""
    match event:
        case DeviceApproval():
            rows = (row for row in notice.rows if _same_number(row.get("certificate_number", ""), event))
            return next((device_row(event.title, row) for row in rows), whole(notice))
        case PriceItem():
            rows = (row for row in notice.rows if row.get("item_name") == event.item_name)
            return next(map(price_row, rows), whole(notice))
        case OverseasClearance():
            return clearance(event.product_name, event.panel)
        case _:
            return whole(notice)


def _same_number(stated: str, event: DeviceApproval) -> bool:
    digits = _NOT_IN_NUMBERS.sub("", stated)
    return bool(digits) and digits == _NOT_IN_NUMBERS.sub("", event.certificate_number)
