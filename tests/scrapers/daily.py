"""Histories of sources that publish at a time of day, made up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from events.clock import SHANGHAI
from events.workdays import DayKind, day_kind


def daily(
    rng: Random, first: date, last: date, *, hour: int, minutes: float = 60, share: float = 1.0
) -> list[datetime]:
    """An item on a share of the working days from ``first`` to ``last`` (exclusive), within so many minutes from an hour on."""
    return [
        datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI) + timedelta(minutes=rng.uniform(0, minutes))
        for day in (first + timedelta(n) for n in range((last - first).days))
        if day_kind(day) is DayKind.WORKING and rng.random() < share
    ]
