"""The polls a source was granted and has spent since its price was found: who spends too much pays more, day by day. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import fmean

from events.clock import SHANGHAI, shanghai_day
from events.workdays import DayKind, day_kind

MOST, LEAST = 1.5, 0.5
"""Times its budget that a source may be given, and is given at least, to make good what was spent before."""

_MADE_GOOD = 3
"""Days over which is made good what was spent too much since a price was found."""


@dataclass
class Ledger:
    """The polls of the days since ``price`` (item-minutes a poll) was found; ``wants`` are granted to a day of each kind.

    The price was found on a past that the rhythm was learned from. News that comes later than it did then, or more seldom, is
    looked for longer.
    """

    price: float
    wants: Mapping[DayKind, float]
    per_day: float
    day: date
    granted: float
    spent: int = 0

    @classmethod
    def opened(cls, price: float, per_day: float, planned: Mapping[date, int], now: datetime) -> Ledger:
        """At ``now`` (aware), for ``per_day`` polls on the average of the days whose polls are ``planned``, today's too."""
        whole = max(1, sum(planned.values()))
        kinds = {kind: [polls for day, polls in planned.items() if day_kind(day) is kind] for kind in DayKind}
        wants = {kind: fmean(some or [0]) * per_day * len(planned) / whole for kind, some in kinds.items()}
        day = shanghai_day(now)
        passed = (now - datetime.combine(day, time(), SHANGHAI)) / timedelta(days=1)
        return cls(price, wants, per_day, day, -wants[day_kind(day)] * passed)

    def price_on(self, today: date) -> float:
        """The price of a day, once those before it are over: higher where more was spent than was granted, never lower.

        The demand falls as the square root of the price rises. What was spent too little waits until a price is found again: to
        spend it on the next day would be to poll where nothing is expected.
        """
        while self.day < today:
            self.granted += self.wants[day_kind(self.day)]
            self.day += timedelta(1)
        share = 1 - (self.spent - self.granted) / (self.per_day * _MADE_GOOD)
        return self.price / min(max(share, LEAST), 1.0) ** 2
