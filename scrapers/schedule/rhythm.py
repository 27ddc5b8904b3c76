"""The rhythm of a source: how many items to expect in each minute of a working and of a free day, and after news."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from events.clock import SHANGHAI, to_utc
from events.workdays import DayKind, day_kind
from scrapers.schedule.batches import MINUTES, Batch, Fading, Rates, minute_of, smooth, together
from scrapers.schedule.news import Lull, Stir, Told, lulled, stirred

_FLOOR = 0.01
"""Share of all items that is expected at any minute alike: no hour is blind."""

_PRIOR_ITEMS = 5.0
_OFFICE = range(8 * 60 + 30, 18 * 60)
_HALF_LIVES = (3650.0, 365.0, 90.0, 30.0, 10.0, 5.0)
_ENOUGH = 5
_STRETCHES = 4


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What to expect of a source.

    ``rates`` holds, for a working and for a free day, the expected items in each of the 1,440 minutes of the day in
    Asia/Shanghai. After news either ``follow`` more items are to be expected for each batch, over a time that decays with
    ``decay`` minutes, or, where ``lull`` is given, fewer.
    """

    rates: tuple[Rates, Rates]
    follow: float = 0.0
    decay: float = Stir().decay
    lull: Lull | None = None

    def on(self, day: date) -> Rates:
        """Items expected in each minute of a civil day."""
        return self.rates[day_kind(day)]


def learn(published: Iterable[datetime], since: date, until: date) -> Rhythm:
    """The rhythm that a history shows, drawn towards office hours where it is short.

    ``published`` are the aware instants of items from ``since`` (inclusive) to ``until`` (exclusive), days in Shanghai.
    """
    local = sorted(to_utc(at).astimezone(SHANGHAI) for at in published)
    batches = together(local)
    fading = Fading(until, _half_life(local, since, until))
    rates = _rates(local, since, fading)
    if not batches:
        return Rhythm(rates)
    size = len(local) / len(batches)
    told = Told(batches, [_rate(rates, batch) / size for batch in batches], fading)
    (stir, as_stirred), (lull, as_lulled) = stirred(told), lulled(told, since)
    if as_lulled > as_stirred:
        return Rhythm(rates, lull=lull)
    return Rhythm(rates, stir.share * size, stir.decay)


def _rates(local: Sequence[datetime], since: date, fading: Fading) -> tuple[Rates, Rates]:
    """Items expected in each minute of a working and of a free day."""
    days = fading.days(since)
    counts: dict[DayKind, Counter[int]] = {kind: Counter() for kind in DayKind}
    for at in local:
        counts[day_kind(at.date())][minute_of(at)] += fading.weight(at.date())  # type: ignore[assignment] # typeshed: int only
    width = fading.bandwidth(together(local))
    shapes = {kind: smooth(counts[kind], width) for kind in DayKind}
    prior = _PRIOR_ITEMS / len(_OFFICE)
    shapes[DayKind.WORKING] = [
        items + (prior if minute in _OFFICE else 0.0) for minute, items in enumerate(shapes[DayKind.WORKING])
    ]
    whole, observed = sum(fading.weight(at.date()) for at in local), sum(days.values())
    anytime = _FLOOR * (whole + _PRIOR_ITEMS) / max(1.0, observed) / MINUTES
    working, free = (
        tuple(items / max(1.0, days[kind]) + anytime for items in shapes[kind])
        for kind in (DayKind.WORKING, DayKind.FREE)
    )
    return working, free


def _half_life(local: Sequence[datetime], since: date, until: date) -> float:
    """How fast the past fades, in days: the half-life by which what was before tells each stretch of its later half best."""
    likely = dict.fromkeys(_HALF_LIVES, 0.0)
    for cut, end in _later(since, until):
        earlier, later = [at for at in local if at.date() < cut], [at for at in local if cut <= at.date() < end]
        batches = together(later)
        if not batches or len(together(earlier)) < _ENOUGH:
            continue
        size = len(later) / len(batches)
        kinds = [day_kind(cut + timedelta(n)) for n in range((end - cut).days)]
        for half_life in _HALF_LIVES:
            rates = _rates(earlier, since, Fading(cut, half_life))
            told = sum(math.log(_rate(rates, batch)) for batch in batches)
            likely[half_life] += told - sum(kinds.count(kind) * sum(rates[kind]) for kind in DayKind) / size
    return max(_HALF_LIVES, key=lambda half_life: likely[half_life])


def _later(since: date, until: date) -> Iterator[tuple[date, date]]:
    """The later half of some days in a few stretches: first day (inclusive) and last (exclusive)."""
    whole = (until - since).days
    first = whole - whole // 2
    each = max(1, math.ceil((whole - first) / _STRETCHES))
    for begin in range(first, whole, each):
        yield since + timedelta(begin), since + timedelta(min(begin + each, whole))


def _rate(rates: tuple[Rates, Rates], batch: Batch) -> float:
    """Items expected in the minute of a batch, whose time is Shanghai's."""
    return rates[day_kind(batch.at.date())][minute_of(batch.at)]
