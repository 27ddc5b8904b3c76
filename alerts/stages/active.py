"""Active times: when a route may speak, by China's calendar. The civil time of Asia/Shanghai, which has no summer time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from alerts.configuration import Strict
from events.clock import SHANGHAI, to_utc
from events.workdays import DayKind, day_kind

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["working", "free", "mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LOOK_AHEAD_DAYS = 400


def _span(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)", text):
        raise ValueError(f"{text!r} is no span of a day; write 09:00-18:00, at the latest 24:00")
    if not text[:5] < text[6:]:
        raise ValueError(f"{text!r} ends before it begins; write two spans for a night: 22:00-24:00 and 00:00-07:00")
    return text


class Times(Strict):
    """Spans of civil time. ``days`` empty means every day; ``working`` and ``free`` know holidays and make-up days."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    days: tuple[Day, ...] = ()
    hours: tuple[Annotated[str, AfterValidator(_span)], ...] = ("00:00-24:00",)

    def on(self, day: date) -> bool:
        """Whether the day is one of ``days``."""
        kind = "working" if day_kind(day) is DayKind.WORKING else "free"
        return not self.days or kind in self.days or DAYS[day.weekday()] in self.days

    def includes(self, local: datetime) -> bool:
        """Whether a civil time of Asia/Shanghai lies within: the begin of a span does, its end does not."""
        clock = f"{local:%H:%M}"
        return self.on(local.date()) and any(span[:5] <= clock < span[6:] for span in self.hours)


def may_speak(now: datetime, active: Sequence[str], mute: Sequence[str], times: Mapping[str, Times]) -> bool:
    """Whether ``now`` (aware) lies in one of ``active`` (none named: always) and in none of ``mute``."""
    local = now.astimezone(SHANGHAI)
    inside = not active or any(times[name].includes(local) for name in active)
    return inside and not any(times[name].includes(local) for name in mute)


def opens_at(now: datetime, active: Sequence[str], mute: Sequence[str], times: Mapping[str, Times]) -> datetime:
    """The first instant from ``now`` on at which the route may speak, UTC.

    Raises ValueError where it never may within `LOOK_AHEAD_DAYS`.
    """
    if may_speak(now, active, mute, times):
        return to_utc(now)
    today = now.astimezone(SHANGHAI).date()
    edges = sorted({edge for name in (*active, *mute) for edge in _edges(times[name].hours)} | {time()})
    for n in range(LOOK_AHEAD_DAYS):
        for edge in edges:
            at = datetime.combine(today + timedelta(days=n), edge, SHANGHAI)
            if at > now and may_speak(at, active, mute, times):
                return to_utc(at)
    raise ValueError(f"{', '.join((*active, *mute))}: there is no time at which this may be told")


def _edges(hours: Iterable[str]) -> Iterable[time]:
    for span in hours:
        yield time.fromisoformat(span[:5])
        if span[6:] != "24:00":
            yield time.fromisoformat(span[6:])


def next_digest(now: datetime, every: Literal["daily", "weekly"], at: str, working_days: bool) -> datetime:
    """The first time after ``now`` at which a digest is due, UTC.

    ``at`` is a civil time ``HH:MM`` in Asia/Shanghai. A weekly digest is due on Monday. With ``working_days``, a day that is
    free is passed over for the next one that is worked: what was held meanwhile comes with that one.
    """
    local = now.astimezone(SHANGHAI)
    day = local.date() - timedelta(days=local.weekday() if every == "weekly" else 1)
    while True:
        due = day
        while working_days and day_kind(due) is DayKind.FREE:
            due += timedelta(days=1)
        instant = datetime.combine(due, time.fromisoformat(at), SHANGHAI)
        if instant > now:
            return to_utc(instant)
        day += timedelta(days=7 if every == "weekly" else 1)
