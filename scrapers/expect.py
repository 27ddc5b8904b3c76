"""What a list is expected to hold, learned from what it has held. Pure.

The fewest items of each day are kept for four weeks, so that a weekend or a slow season is known, growth is followed, and a
page that lost most of its rows is not what it was. A reading that is called drifted teaches nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import compress
from operator import attrgetter
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from events.notice import Notice

DAYS = 28
"""Days that are remembered."""

ENOUGH = 5
"""Days of history before anything is expected."""

_TOLERANCE = 0.5
_ALWAYS = 0.95
_MOST_FIELDS = 40
_FEW_ROWS = 4
_OWN = ("title", "body", "published_at", "document_number", "attachments", "rows")
_stated = attrgetter(*_OWN)


class Expectation(BaseModel):
    """``fewest``: civil day in Shanghai → fewest items of a good reading that day. ``always``: field → days running on which
    nearly every row had it.
    """

    model_config = ConfigDict(frozen=True)

    fewest: dict[date, int] = Field(default_factory=dict)
    always: dict[str, int] = Field(default_factory=dict)


class Drift(NamedTuple):
    """What is wrong with a list. A field that went missing spoils every row; too few rows are good ones all the same."""

    detail: str
    spoilt: bool


def least(expected: Expectation, floor: int | None, *, may_be_empty: bool) -> int | None:
    """The number of items below which a list has drifted; None where nothing is known. ``floor``, the source's own, wins.

    A list that may be empty says nothing by how long it is.
    """
    if floor is not None:
        return floor
    if may_be_empty or len(expected.fewest) < ENOUGH:
        return None
    return math.ceil(_TOLERANCE * min(expected.fewest.values()))


def drift(expected: Expectation, floor: int | None, rows: Sequence[Notice], *, may_be_empty: bool) -> Drift | None:
    """What in this reading is not as it always was; None for a list like the earlier ones."""
    firm = {name: days for name, days in expected.always.items() if days >= ENOUGH and len(rows) >= _FEW_ROWS}
    filled = _filled(rows) if firm else {}
    for name, days in firm.items():
        if filled.get(name, 0) * 2 < len(rows):
            said = f"{filled.get(name, 0)} of {len(rows)} items have {name}, which all had on each of {days} days"
            return Drift(said, spoilt=True)
    wanted = least(expected, floor, may_be_empty=may_be_empty)
    if wanted is None or len(rows) >= wanted:
        return None
    if floor is not None:
        return Drift(f"the list has {len(rows)} items; its source states at least {floor}", spoilt=False)
    ever = min(expected.fewest.values())
    return Drift(
        f"the list has {len(rows)} items; it never had fewer than {ever} in {len(expected.fewest)} days", spoilt=False
    )


def learned(expected: Expectation, day: date, rows: Sequence[Notice]) -> Expectation:
    """The expectation after a good reading on ``day``."""
    known = expected.fewest.get(day)
    always = _always(expected.always, rows, known is None) if rows else expected.always
    if known is not None and known <= len(rows) and always == expected.always:
        return expected
    least_of_day = len(rows) if known is None else min(known, len(rows))
    fewest = dict(sorted({**expected.fewest, day: least_of_day}.items())[-DAYS:])
    return Expectation(fewest=fewest, always=always)


def _always(before: Mapping[str, int], rows: Sequence[Notice], is_new_day: bool) -> dict[str, int]:
    full = {name for name, count in _filled(rows).items() if count >= _ALWAYS * len(rows)}
    names = list(dict.fromkeys([*before, *sorted(full)]))[:_MOST_FIELDS]
    return {name: min(DAYS, before.get(name, 0) + is_new_day) for name in names if name in full}


def _filled(rows: Sequence[Notice]) -> Counter[str]:
    """Field → number of rows that state it. Most rows of a list state the same ones."""
    shapes = Counter((tuple(map(bool, _stated(row))), tuple(compress(row.fields, row.fields.values()))) for row in rows)
    found: Counter[str] = Counter()
    for (own, fields), count in shapes.items():
        found.update(dict.fromkeys((*compress(_OWN, own), *fields), count))
    return found
