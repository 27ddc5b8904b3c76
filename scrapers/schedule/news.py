"""What news says of the time after it: that more follows soon, or that this was it for some hours. Both are learned. Pure.

Of the two the likelier is believed, by what was seen: the intensity of batches is told of every batch of the past.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate

from events.workdays import DayKind, day_kind
from scrapers.schedule.batches import MINUTES, Batch, Fading, Rates, minute_of, smooth

_SHARES = tuple(n / 10 for n in range(10))
_DECAYS = (5.0, 10.0, 20.0, 40.0, 80.0)
_DEPTHS = (0.5, 0.8, 0.9, 0.95)
_LULLS = (30, 60, 120, 180, 240)


@dataclass(frozen=True, slots=True)
class Stir:
    """After a batch, a share of another is to be expected for it, over a time that decays with ``decay`` minutes.

    A self-exciting process (Hawkes, Biometrika 1971). ``share`` is 0 where nothing follows.
    """

    share: float = 0.0
    decay: float = _DECAYS[0]


@dataclass(frozen=True, slots=True)
class Lull:
    """After a batch, for so many ``minutes``, only ``1 - depth`` of the usual is to be expected: a process with a dead time.

    ``within`` is the share of working and of free days that lie in a lull at each minute of the day.
    """

    minutes: int
    depth: float
    within: tuple[Rates, Rates]

    def share(self, local: datetime) -> float:
        """The share of such days that lie in a lull now: that had news by now, and not long ago. ``local`` is Shanghai's."""
        return self.within[day_kind(local.date())][minute_of(local)]

    def likelier(self, local: datetime) -> float:
        """Times the average of all days that something is to be expected where no lull is; ``local`` is Shanghai's."""
        return 1 / (1 - self.depth * self.share(local))


@dataclass(frozen=True)
class Told:
    """The past as models of news are held against it: its batches (Shanghai's times), and the batches a minute that the time of
    day lets expect at each."""

    batches: Sequence[Batch]
    expected: Sequence[float]
    fading: Fading

    @cached_property
    def weights(self) -> list[float]:
        """What each batch counts."""
        return [self.fading.weight(batch.at.date()) for batch in self.batches]

    def likelihood(self, intensities: Sequence[float]) -> float:
        """Of models that expect as many batches as there were: the logarithm, of which no constant is kept."""
        return sum(weight * math.log(one) for weight, one in zip(self.weights, intensities, strict=True))


def stirred(told: Told) -> tuple[Stir, float]:
    """The likeliest `Stir` of a grid, and its likelihood; without batches, none follows."""
    best, most = Stir(), -math.inf
    minutes = [batch.minute for batch in told.batches]
    for decay in _DECAYS:
        brought = _brought(minutes, decay)
        for share in _SHARES:
            pairs = zip(told.expected, brought, strict=True)
            likely = told.likelihood([(1 - share) * usual + share * more for usual, more in pairs])
            if likely > most:
                best, most = Stir(share, decay), likely
    return best, most


def lulled(told: Told, since: date) -> tuple[Lull | None, float]:
    """The likeliest `Lull` of a grid, and its likelihood. ``since`` is the first day of the past."""
    best: Lull | None = None
    most = -math.inf
    after = [math.inf, *(b.minute - a.minute for a, b in zip(told.batches, told.batches[1:], strict=False))]
    for minutes in _LULLS:
        shares = within(told, since, minutes)
        for depth in _DEPTHS:
            lull = Lull(minutes, depth, shares)
            likely = told.likelihood(
                [
                    usual * lull.likelier(batch.at) * (1 - depth if passed < minutes else 1)
                    for batch, usual, passed in zip(told.batches, told.expected, after, strict=True)
                ]
            )
            if likely > most:
                best, most = lull, likely
    return best, most


def _brought(minutes: Sequence[float], decay: float) -> list[float]:
    """For each batch, how dense the followers of all earlier ones are at its time. One pass, since the decay is exponential."""
    dense, before, found = 0.0, -math.inf, []
    for minute in minutes:
        dense *= math.exp((before - minute) / decay)
        found.append(dense / decay)
        dense, before = dense + 1, minute
    return found


def within(told: Told, since: date, minutes: int) -> tuple[Rates, Rates]:
    """The share of days in a lull at each minute, smoothed as the rates are. A day without any is added, so that it is never 1.

    Where lulls begin and end is smoothed, and added up: they are few.
    """
    fading = told.fading
    edges: dict[DayKind, Counter[int]] = {kind: Counter() for kind in DayKind}
    inside, days = dict.fromkeys(DayKind, 0.0), fading.days(since)
    for day, begin, end in _stretches(told.batches, minutes):
        kind, weight = day_kind(day), fading.weight(day)
        edges[kind][begin] += weight  # type: ignore[assignment] # typeshed: int only
        edges[kind][end % MINUTES] -= weight  # type: ignore[assignment] # typeshed: int only
        inside[kind] += weight * (end - begin)
    width = fading.bandwidth(told.batches)
    working, free = (
        tuple(share / (1 + days[kind]) for share in _summed(smooth(edges[kind], width), inside[kind]))
        for kind in DayKind
    )
    return working, free


def _summed(steps: Sequence[float], whole: float) -> list[float]:
    """The running sum of steps round the clock, put so high that it adds up to ``whole``; never below zero."""
    sums = list(accumulate(steps))
    lift = (whole - sum(sums)) / MINUTES
    return [max(0.0, one + lift) for one in sums]


def _stretches(batches: Sequence[Batch], minutes: int) -> list[tuple[date, int, int]]:
    """The day and the minutes (from, to) of each lull, cut at midnight; one that begins within another makes that longer."""
    found: list[tuple[date, int, int]] = []
    until = -math.inf
    for batch in batches:
        begin = max(until, batch.minute)
        until = batch.minute + minutes
        at = batch.at + timedelta(minutes=begin - batch.minute)
        first, length = minute_of(at), round(until - begin)
        found.append((at.date(), first, min(first + length, MINUTES)))
        if first + length > MINUTES:
            found.append((at.date() + timedelta(1), 0, first + length - MINUTES))
    return found
