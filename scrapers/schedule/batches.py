"""Items that appear together, and counts by the minute of the day that are smoothed. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from events.workdays import DayKind, day_kind

MINUTES = 1440
Rates = tuple[float, ...]
"""One value for each minute of a civil day in Asia/Shanghai."""

_BANDWIDTH = 60.0
"""Minutes of smoothing for a single batch; it shrinks with the fifth root of their number (Silverman's rule)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that appeared within a minute, and are seen by the same poll: when the first did, and how many."""

    at: datetime
    items: int

    @property
    def minute(self) -> float:
        """Minutes since 1970."""
        return self.at.timestamp() / 60


@dataclass(frozen=True, slots=True)
class Fading:
    """How much the past counts: a day that lies ``half_life`` days before the one before ``until`` counts half of that one."""

    until: date
    half_life: float

    def weight(self, day: date) -> float:
        """What a civil day counts, at most 1."""
        return float(2.0 ** (-((self.until - day).days - 1) / self.half_life))

    def days(self, since: date) -> dict[DayKind, float]:
        """What the working and the free days from ``since`` on count together."""
        counted = dict.fromkeys(DayKind, 0.0)
        for day in (since + timedelta(n) for n in range((self.until - since).days)):
            counted[day_kind(day)] += self.weight(day)
        return counted

    def bandwidth(self, batches: Sequence[Batch]) -> float:
        """Minutes over which batches are smoothed; their times are those of Shanghai."""
        return _BANDWIDTH / float(max(1.0, sum(self.weight(batch.at.date()) for batch in batches)) ** 0.2)


def together(instants: Sequence[datetime]) -> list[Batch]:
    """Instants, ascending, as batches."""
    batches: list[Batch] = []
    for at in instants:
        if batches and (at - batches[-1].at).total_seconds() <= 60:
            batches[-1] = Batch(batches[-1].at, batches[-1].items + 1)
        else:
            batches.append(Batch(at, 1))
    return batches


def minute_of(at: datetime) -> int:
    """The minute of its day."""
    return at.hour * 60 + at.minute


def smooth(counts: Mapping[int, float], width: float) -> list[float]:
    """Counts by minute of the day, each spread as a Gaussian of ``width`` minutes that goes round midnight."""
    reach = min(MINUTES // 2, math.ceil(4 * width))
    kernel = [math.exp(-0.5 * (n / width) ** 2) for n in range(-reach, reach)]
    whole = sum(kernel)
    smoothed = [0.0] * MINUTES
    for minute, number in counts.items():
        for n, weight in enumerate(kernel, start=minute - reach):
            smoothed[n % MINUTES] += number * weight / whole
    return smoothed
