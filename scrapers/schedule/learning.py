"""A rhythm that is learned anew every week from what was seen, at the price that keeps to the budget on the days ahead."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import fmean

from events.clock import shanghai_day
from scrapers.schedule.budget import price_for
from scrapers.schedule.ledger import LEAST, MOST, Ledger
from scrapers.schedule.policy import Standing
from scrapers.schedule.replay import replay
from scrapers.schedule.rhythm import Rhythm, learn
from scrapers.schedule.scheduler import LONGEST, Scheduler

AGAIN = timedelta(days=7)
_LONGEST = timedelta(days=3 * 365)
_TRIED = timedelta(days=180)
_AHEAD = 28


class Learning:
    """A `Policy` that keeps to ``per_day`` polls on the average of four weeks.

    ``history`` are the aware instants of the items published from ``since`` on; three years of them are learned from. The price
    is found on the last half-year and set right for how many working days the next four weeks have; what was spent too much
    or too little is made good over the same time, by at most half of the budget. What a day spends too much makes the polls of
    the next dearer (`Ledger`). ``again`` is when the rhythm is learned anew. No two polls are nearer than ``least`` or farther
    apart than ``longest``.
    """

    def __init__(
        self,
        per_day: float,
        history: Sequence[datetime],
        since: date,
        start: datetime,
        again: timedelta = AGAIN,
        *,
        least: timedelta = timedelta(minutes=1),
        longest: timedelta = LONGEST,
    ) -> None:
        self._least, self._longest = least, longest
        self._per_day = per_day
        self._history = sorted(history)
        self._since = since
        self._start = start
        self._polls = 0
        self._price = 1.0
        self._again = again
        self._standing = self._learned(start)

    @property
    def standing(self) -> Standing:
        """The rhythm and the price in force, and the news that they react to."""
        return self._standing

    def next_poll(self, last: datetime) -> datetime:
        if last - self._learned_at >= self._again:
            news = self._standing.news
            self._standing = self._learned(last)
            self._standing.news.extend(news)
        elif (today := shanghai_day(last)) > self._ledger.day:
            was = self._standing
            self._standing = Standing(self._scheduler(was.scheduler.rhythm, self._ledger.price_on(today)), was.news)
        self._polls += 1
        self._ledger.spent += 1
        return self._standing.next_poll(last)

    def saw(self, at: datetime, published: Sequence[datetime]) -> None:
        for one in published:
            insort(self._history, one)
        self._standing.saw(at, published)

    def _learned(self, now: datetime) -> Standing:
        since = max(self._since, shanghai_day(now - _LONGEST))
        rhythm = learn((at for at in self._history if shanghai_day(at) >= since), since, shanghai_day(now))
        granted = self._per_day * (now - self._start) / timedelta(days=1) - self._polls
        aimed = self._per_day + granted / _AHEAD
        aimed = min(max(aimed, self._per_day * LEAST), self._per_day * MOST)
        self._price = price_for(lambda price: self._wanted(rhythm, price, now), aimed, self._price)
        scheduler = self._scheduler(rhythm, self._price)
        days = [shanghai_day(now) + timedelta(n) for n in range(_AHEAD)]
        planned = {day: len(scheduler.timetable(day)) for day in days}
        self._ledger = Ledger.opened(self._price, aimed, planned, now)
        self._learned_at = now
        return Standing(scheduler)

    def _wanted(self, rhythm: Rhythm, price: float, now: datetime) -> float:
        """Polls a day over the next four weeks, if news comes as it did."""
        scheduler = self._scheduler(rhythm, price)
        begin = max(now - _TRIED, now - timedelta(days=max(1, (shanghai_day(now) - self._since).days)))
        past = replay(Standing(scheduler), self._history, begin, now)
        days = range(max(1, round(past.days)))
        quiet = fmean(len(scheduler.timetable(shanghai_day(begin) + timedelta(n))) for n in days)
        ahead = fmean(len(scheduler.timetable(shanghai_day(now) + timedelta(n))) for n in range(_AHEAD))
        return past.per_day * (ahead / quiet if quiet else 1.0)

    def _scheduler(self, rhythm: Rhythm, price: float) -> Scheduler:
        return Scheduler(rhythm, price, self._least, self._longest)
