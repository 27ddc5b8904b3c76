"""The next poll of a source, from its rhythm, what it has just shown, and the price of a poll."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from events.clock import SHANGHAI, to_utc
from events.workdays import DayKind, day_kind
from scrapers.schedule.batches import MINUTES, Batch, minute_of
from scrapers.schedule.news import Lull
from scrapers.schedule.plan import plan
from scrapers.schedule.rhythm import Rhythm

_HORIZON = 2 * 60
_FORGOTTEN = 6.0
"""Decays after which news brings nothing more that is worth counting: e⁻⁶ is a quarter of a per cent."""

_FEW = 0.03
"""The share of days in a lull below which that none is says nothing."""

LONGEST = timedelta(days=1)


@dataclass(frozen=True)
class Scheduler:
    """Polls where publication is likely. ``price`` is in item-minutes a poll: see `scrapers.schedule.budget`.

    ``least`` and ``longest`` bound the time between two polls, whatever the rhythm says.
    """

    rhythm: Rhythm
    price: float
    least: timedelta = timedelta(minutes=1)
    longest: timedelta = LONGEST
    _tables: dict[tuple[DayKind, ...], tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)
    _waits: dict[tuple[DayKind, DayKind, int], int] = field(default_factory=dict, compare=False, repr=False)

    def next_poll(self, last: datetime, news: Sequence[Batch] = ()) -> datetime:
        """When to poll after ``last`` (aware); ``news`` are the latest batches that polls found, by when they found them."""
        local = to_utc(last).astimezone(SHANGHAI)
        if self.rhythm.lull is not None:
            at = self._waited(local, self.rhythm.lull, self.calm_for(local, news))
        else:
            at = self._replanned(local, news) if self.is_stirred(local, news) else self._timetabled(local)
        return to_utc(max(min(at, local + self.longest), local + self.least))

    def timetable(self, day: date) -> tuple[int, ...]:
        """The minutes of a civil day in Shanghai at which to poll, as long as nothing happens."""
        kinds = tuple(day_kind(day + timedelta(n)) for n in (-1, 0, 1))
        if kinds not in self._tables:
            # planned together with its neighbours, so that midnight is no special time
            polls = plan([rate for kind in kinds for rate in self.rhythm.rates[kind]], self.price)
            self._tables[kinds] = tuple(poll - MINUTES for poll in polls if MINUTES <= poll < 2 * MINUTES)
        return self._tables[kinds]

    def is_stirred(self, at: datetime, news: Sequence[Batch]) -> bool:
        """Whether what was found lately brings the next poll forward. ``at`` is aware."""
        until = _FORGOTTEN * self.rhythm.decay
        return bool(news) and self.rhythm.follow > 0 and at.timestamp() / 60 - news[-1].minute < until

    def calm_for(self, at: datetime, news: Sequence[Batch]) -> int:
        """For how many minutes more what was found lately was it: 0 where news says no such thing. ``at`` is aware."""
        if self.rhythm.lull is None or not news:
            return 0
        return max(0, math.ceil(self.rhythm.lull.minutes - (at.timestamp() / 60 - news[-1].minute)))

    def awaited(self, at: datetime, news: Sequence[Batch]) -> float:
        """Where nothing has come yet: the share of such days on which it had. 0 where that says nothing. ``at`` is aware."""
        lull = self.rhythm.lull
        share = 0.0 if lull is None or self.calm_for(at, news) else lull.share(to_utc(at).astimezone(SHANGHAI))
        return share if share >= _FEW else 0.0

    def _timetabled(self, local: datetime) -> datetime:
        """The next poll of the timetable: at the latest one tomorrow, since a plan ends with a poll."""
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        passed = (local - midnight).total_seconds() / 60
        for ahead in (0, 1):
            day = midnight + timedelta(days=ahead)
            table = self.timetable(day.date())
            following = bisect_right(table, passed - ahead * MINUTES)
            if following < len(table):
                return day + timedelta(minutes=table[following])
        return local + LONGEST

    def _waited(self, local: datetime, lull: Lull, calm: int) -> datetime:
        """The next poll where a lull follows news: the later it gets without any, the surer it is to come soon.

        What is left of a lull is expected to bring little. After it comes, for as long as a lull lasts, what days without one
        bring, and then what any day does.
        """
        opens = local + timedelta(minutes=calm)
        if not calm and lull.share(opens) < _FEW:
            return self._timetabled(local)
        key = (day_kind(local.date()), day_kind(local.date() + timedelta(1)), minute_of(local))
        if not calm and key in self._waits:
            return local + timedelta(minutes=self._waits[key])
        rates = self._ahead(local, calm + lull.minutes + _HORIZON)
        likelier = lull.likelier(opens)
        less = [(1 - lull.depth) * rate for rate in rates[:calm]]
        more = [likelier * rate for rate in rates[calm : calm + lull.minutes]]
        wait = plan([*less, *more, *rates[calm + lull.minutes :]], self.price)[0]
        if not calm:
            self._waits[key] = wait
        return local + timedelta(minutes=wait)

    def _ahead(self, local: datetime, minutes: int) -> list[float]:
        """Items expected in each of the next minutes, less than a day of them."""
        begin = minute_of(local)
        rates = list(self.rhythm.on(local.date())[begin : begin + minutes])
        return rates + list(self.rhythm.on(local.date() + timedelta(1))[: minutes - len(rates)])

    def _replanned(self, local: datetime, news: Sequence[Batch]) -> datetime:
        """The first poll of a new plan for the hours ahead, in which what the news brings is added to what the day brings."""
        stirred = math.ceil(_FORGOTTEN * self.rhythm.decay)
        rates = self._ahead(local, stirred + _HORIZON)
        fade = math.exp(-1 / self.rhythm.decay)
        for batch in news:
            passed = max(0.0, local.timestamp() / 60 - batch.minute)
            more = self.rhythm.follow * math.exp(-passed / self.rhythm.decay) * (1 - fade)
            for ahead in range(stirred):
                rates[ahead] += more
                more *= fade
        return local + timedelta(minutes=plan(rates, self.price)[0])
