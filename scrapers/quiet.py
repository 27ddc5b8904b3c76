"""Is a source quiet, or dead? Its own rhythm tells: how many working days usually pass between two days with news. Pure.

Working days are China's, with its holidays, as far ahead as the State Council has decreed them (`events.workdays`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from events.clock import SHANGHAI, to_utc
from events.workdays import DayKind, day_kind

MOST_DAYS = 60
"""Days with news that are remembered."""

_OLDEST = timedelta(days=400)
_ENOUGH = 5
_SHARE = 0.95
_LONGEST = 1000


class Due(NamedTuple):
    """By when news is expected, and from when on its absence is not usual. Aware, in UTC; the ends of days in Shanghai."""

    expected_by: datetime
    overdue_from: datetime


def remembered(days: Sequence[date], news: Iterable[date], today: date) -> tuple[date, ...]:
    """The days with news, ascending: ``days`` and those of ``news`` that are neither in the future nor long ago."""
    every = sorted({*days, *(day for day in news if day <= today)})
    return tuple(day for day in every if today - day <= _OLDEST or day in days)[-MOST_DAYS:]


def usual(days: Sequence[date]) -> int | None:
    """Working days that all but one in twenty of the gaps between days with news do not exceed; None for a short history."""
    gaps = sorted(max(1, working_days(one, other)) for one, other in pairwise(days))
    return gaps[math.ceil(_SHARE * len(gaps)) - 1] if len(gaps) >= _ENOUGH else None


@lru_cache(maxsize=512)  # asked after every poll, of days that change with news only
def due(days: tuple[date, ...]) -> Due | None:
    """When news is due after the last of ``days``: after the usual gap; after twice that the source is quiet too long."""
    gap = usual(days)
    return Due(_end(after(days[-1], gap)), _end(after(days[-1], 2 * gap))) if gap else None


def working_days(since: date, until: date) -> int:
    """Working days after ``since`` up to and including ``until``."""
    passed = min((until - since).days, _LONGEST)
    return sum(day_kind(since + timedelta(n)) is DayKind.WORKING for n in range(1, passed + 1))


def after(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``."""
    left = count
    for _ in range(_LONGEST):
        if left <= 0:
            break
        day += timedelta(1)
        left -= day_kind(day) is DayKind.WORKING
    return day


def _end(day: date) -> datetime:
    return to_utc(datetime.combine(day + timedelta(1), time(), SHANGHAI))
