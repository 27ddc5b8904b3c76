"""The rhythm of a source: how many items to expect in each minute of a working and of a free day, and how news brings more."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from events.clock import SHANGHAI, to_utc
from events.workdays import DayKind, day_kind

MINUTES = 1440
_BANDWIDTH = 60.0
"""Minutes of smoothing for a single batch; it shrinks with the fifth root of their number (Silverman's rule)."""

_FLOOR = 0.01
"""Share of all items that is expected at any minute alike: no hour is blind."""

_PRIOR_ITEMS = 5.0
_OFFICE = range(8 * 60 + 30, 18 * 60)
_SHARES = tuple(n / 10 for n in range(10))
_HALF_LIVES = (3650.0, 365.0, 90.0, 30.0, 10.0)
_ENOUGH = 5
_DECAYS = (5.0, 10.0, 20.0, 40.0, 80.0)
Rates = tuple[float, ...]


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
class Rhythm:
    """What to expect of a source.

    ``rates`` holds, for a working and for a free day, the expected items in each of the 1,440 minutes of the day in
    Asia/Shanghai. After news, ``follow`` more items are to be expected for each batch, over a time that decays with ``decay``
    minutes (a self-exciting process; Hawkes, Biometrika 1971).
    """

    rates: tuple[Rates, Rates]
    follow: float
    decay: float

    def on(self, day: date) -> Rates:
        """Items expected in each minute of a civil day."""
        return self.rates[day_kind(day)]


def learn(published: Iterable[datetime], since: date, until: date) -> Rhythm:
    """The rhythm that a history shows, drawn towards office hours where it is short.

    ``published`` are the aware instants of items from ``since`` (inclusive) to ``until`` (exclusive), days in Shanghai.
    """
    local = sorted(to_utc(at).astimezone(SHANGHAI) for at in published)
    batches = together(local)
    plain = Rhythm(_rates(local, since, until, _half_life(local, since, until)), 0.0, _DECAYS[0])
    share, decay = _excitation(batches, plain)
    return Rhythm(plain.rates, share * len(local) / len(batches) if batches else 0.0, decay)


def _rates(local: Sequence[datetime], since: date, until: date, half_life: float) -> tuple[Rates, Rates]:
    """Items expected in each minute of a working and of a free day; what is ``half_life`` days old counts half."""

    def weight(day: date) -> float:
        return float(2.0 ** (-((until - day).days - 1) / half_life))

    days = dict.fromkeys(DayKind, 0.0)
    for day in (since + timedelta(n) for n in range((until - since).days)):
        days[day_kind(day)] += weight(day)
    counts: dict[DayKind, Counter[int]] = {kind: Counter() for kind in DayKind}
    for at in local:
        counts[day_kind(at.date())][_minute(at)] += weight(at.date())  # type: ignore[assignment] # typeshed: int only
    width = _BANDWIDTH * max(1.0, sum(weight(batch.at.date()) for batch in together(local))) ** -0.2
    shapes = {kind: _smooth(counts[kind], width) for kind in DayKind}
    prior = _PRIOR_ITEMS / len(_OFFICE)
    shapes[DayKind.WORKING] = [
        items + (prior if minute in _OFFICE else 0.0) for minute, items in enumerate(shapes[DayKind.WORKING])
    ]
    whole, observed = sum(weight(at.date()) for at in local), sum(days.values())
    anytime = _FLOOR * (whole + _PRIOR_ITEMS) / max(1.0, observed) / MINUTES
    working, free = (
        tuple(items / max(1.0, days[kind]) + anytime for items in shapes[kind])
        for kind in (DayKind.WORKING, DayKind.FREE)
    )
    return working, free


def _half_life(local: Sequence[datetime], since: date, until: date) -> float:
    """How fast the past fades: the half-life by which the first three quarters of it tell the last quarter best, in days."""
    cut = since + (until - since) * 3 / 4
    earlier, later = [at for at in local if at.date() < cut], [at for at in local if at.date() >= cut]
    batches = together(later)
    if len(batches) < _ENOUGH or len(together(earlier)) < _ENOUGH:
        return _HALF_LIVES[0]
    size = len(later) / len(batches)
    kinds = [day_kind(cut + timedelta(n)) for n in range((until - cut).days)]

    def likely(half_life: float) -> float:
        rates = _rates(earlier, since, cut, half_life)
        told = sum(math.log(rates[day_kind(batch.at.date())][_minute(batch.at)]) for batch in batches)
        return told - sum(kinds.count(kind) * sum(rates[kind]) for kind in DayKind) / size

    return max(_HALF_LIVES, key=likely)


def together(instants: Sequence[datetime]) -> list[Batch]:
    """Instants, ascending, as batches."""
    batches: list[Batch] = []
    for at in instants:
        if batches and (at - batches[-1].at).total_seconds() <= 60:
            batches[-1] = Batch(batches[-1].at, batches[-1].items + 1)
        else:
            batches.append(Batch(at, 1))
    return batches


def _smooth(counts: Counter[int], width: float) -> list[float]:
    """Counts by minute of the day, each spread as a Gaussian of ``width`` minutes that goes round midnight."""
    reach = min(MINUTES // 2, math.ceil(4 * width))
    kernel = [math.exp(-0.5 * (n / width) ** 2) for n in range(-reach, reach)]
    whole = sum(kernel)
    smooth = [0.0] * MINUTES
    for minute, number in counts.items():
        for n, weight in enumerate(kernel, start=minute - reach):
            smooth[n % MINUTES] += number * weight / whole
    return smooth


def _excitation(batches: Sequence[Batch], plain: Rhythm) -> tuple[float, float]:
    """The share of batches that another one brought, and its decay in minutes: the pair of the grid that is likeliest."""
    firsts = [batch.at.astimezone(SHANGHAI) for batch in batches]
    size = sum(batch.items for batch in batches) / max(1, len(batches))
    base = [plain.on(at.date())[_minute(at)] / size for at in firsts]
    minutes = [batch.minute for batch in batches]
    best = (0.0, _DECAYS[0])
    most = -math.inf
    for decay in _DECAYS:
        brought = _brought(minutes, decay)
        for share in _SHARES:
            likely = sum(math.log((1 - share) * b + share * more) for b, more in zip(base, brought, strict=True))
            if likely > most:
                best, most = (share, decay), likely
    return best


def _brought(minutes: Sequence[float], decay: float) -> list[float]:
    """For each batch, how dense the followers of all earlier ones are at its time. One pass, since the decay is exponential."""
    dense, before, found = 0.0, -math.inf, []
    for minute in minutes:
        dense *= math.exp((before - minute) / decay)
        found.append(dense / decay)
        dense, before = dense + 1, minute
    return found


def _minute(at: datetime) -> int:
    return at.hour * 60 + at.minute
