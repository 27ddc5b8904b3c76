"""When digests are due: pure arithmetic of civil days in Asia/Shanghai and China's working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from alerts.digest.content import Period
from alerts.digest.settings import DigestSettings
from events.clock import SHANGHAI, to_utc
from events.workdays import DayKind, day_kind

LONGEST_DAYS = 35
"""A digest after a long silence covers no more days than this; what is older stays on the board."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that is to be sent ``at`` an instant (UTC) and covers the days up to and with ``end``."""

    at: datetime
    end: date


def periods(settings: DigestSettings) -> tuple[Period, ...]:
    """The digests that are asked for."""
    asked = ((Period.DAILY, settings.daily), (Period.WEEKLY, settings.weekly))
    return tuple(period for period, at in asked if at is not None)


def latest(now: datetime, settings: DigestSettings, period: Period) -> Due:
    """The last digest that was due at or before an instant."""
    day = to_utc(now).astimezone(SHANGHAI).date() + _DAY
    while True:
        found = _on(day, settings, period)
        if found is not None and found.at <= now:
            return found
        day -= _DAY


def following(now: datetime, settings: DigestSettings, period: Period) -> Due:
    """The first digest that is due after an instant."""
    day = to_utc(now).astimezone(SHANGHAI).date()
    while True:
        found = _on(day, settings, period)
        if found is not None and found.at > now:
            return found
        day += _DAY


def first_day(done: date, end: date) -> date:
    """Where a digest begins that ends on ``end``, after one that ended on ``done``."""
    return max(done + _DAY, end - timedelta(days=LONGEST_DAYS - 1))


def _on(day: date, settings: DigestSettings, period: Period) -> Due | None:
    """The digest that is sent on a day, if one is."""
    if not _sendable(day, settings):
        return None
    if period is Period.DAILY:
        assert settings.daily_at is not None
        return Due(_at(day, settings.daily_at), day - _DAY)
    assert settings.weekly_at is not None
    weekday, at = settings.weekly_at
    named = day - timedelta(days=(day.weekday() - weekday) % 7)
    # The day that is named, or where that is free the first day after it that is not.
    if any(_sendable(named + _DAY * n, settings) for n in range((day - named).days)):
        return None
    # In a holiday of more than a week the weeks meet on one day: the later one tells of both.
    return Due(_at(day, at), named - _DAY * named.weekday() - _DAY)


def _sendable(day: date, settings: DigestSettings) -> bool:
    return settings.days == "every" or day_kind(day) is DayKind.WORKING


def _at(day: date, at: time) -> datetime:
    return to_utc(datetime.combine(day, at, SHANGHAI))
