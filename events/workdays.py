"""China's working days, with its holidays and the make-up days that are worked for them."""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from functools import lru_cache

import chinese_calendar


class DayKind(IntEnum):
    """What sort of day it is for an office in China."""

    WORKING = 0
    FREE = 1


@lru_cache(maxsize=4096)
def day_kind(day: date) -> DayKind:
    """The kind of a civil day in Asia/Shanghai.

    The State Council decrees holidays a year ahead; for years that the calendar does not hold, Monday to Friday are worked.
    """
    try:
        working = chinese_calendar.is_workday(day)
    except NotImplementedError:
        working = day.weekday() < 5
    return DayKind.WORKING if working else DayKind.FREE
