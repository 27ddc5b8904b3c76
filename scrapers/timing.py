"""When a source is polled next, and why: its share of the budget, placed by its own rhythm. Cold start is its cadence.

The budget of all sources together is what their cadences add up to, or less where the operator says so. Each process works out
the same shares, since the histories are in Redis, whoever polls which host.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from events.clock import SHANGHAI, shanghai_day
from scrapers.history import Histories
from scrapers.schedule.learning import Learning
from scrapers.schedule.rhythm import Rhythm, learn
from scrapers.schedule.share import Claim, allot, pull
from scrapers.source import Source

ENOUGH_TIMES, ENOUGH_DAYS = 20, 7
"""Items whose appearance is known, and days over which they lie, before a rhythm is believed."""

FLOOR = 4.0
"""Polls a day that a source keeps however little it publishes; its cadence where that is less."""

AT_MOST = 2.0
"""Times the polls of its cadence that a source may be given from the budget of others."""

_DAY = 86_400.0
_LOOKED_BACK = timedelta(days=3 * 365)
_SHARED_AGAIN = timedelta(days=1)
_LEARNED_AGAIN = timedelta(days=7)
_SAME = 0.1
_SOONEST = 60.0
_BLINDEST = 6 * 3600.0
_IDLE = 10.0


@dataclass(frozen=True, slots=True)
class Past:
    """What a source's rhythm is learned from: the instants (aware, ascending) at which items appeared from ``since`` on."""

    times: tuple[datetime, ...]
    since: date
    rhythm: Rhythm

    def per_day(self, today: date) -> float:
        """Items a day."""
        return len(self.times) / max(1, (today - self.since).days)


@dataclass(frozen=True, slots=True)
class Planned:
    """The next poll (aware, UTC) and the reason for it, for people."""

    at: datetime
    why: str


def past_of(times: Sequence[datetime], now: datetime) -> Past | None:
    """The past of a source by when its items appeared; None where it is too short to show a rhythm.

    The oldest twentieth is left out: a single item that was pinned years ago would stretch the past to its day.
    """
    kept = sorted(at for at in times if now - _LOOKED_BACK <= at <= now)
    kept = kept[len(kept) // 20 :]
    if len(kept) < ENOUGH_TIMES:
        return None
    since, today = shanghai_day(kept[0]), shanghai_day(now)
    if (today - since).days < ENOUGH_DAYS:
        return None
    return Past(tuple(kept), since, learn((at for at in kept if shanghai_day(at) < today), since, today))


def shares(sources: Iterable[Source], pasts: Mapping[str, Past], per_day: float | None = None) -> dict[str, float]:
    """Source → polls a day. ``per_day`` is the budget of all together, None for what their cadences add up to.

    A source without a past asks for its cadence; one with its own ``polls_per_day`` has that.
    """
    every = list(sources)
    own = {one.id: one.polls_per_day for one in every if one.polls_per_day is not None}
    others = [one for one in every if one.id not in own]
    total = sum(_DAY / one.cadence for one in others) if per_day is None else max(per_day - sum(own.values()), 0.0)
    return own | allot({one.id: _claim(one, pasts.get(one.id)) for one in others}, total)


def _claim(source: Source, past: Past | None) -> Claim:
    usual = _DAY / source.cadence
    if past is None:
        return Claim(0.0, usual, usual)
    return Claim(pull(past.rhythm, source.value), min(usual, FLOOR), usual * AT_MOST)


def bounds(source: Source, requests: int) -> tuple[timedelta, timedelta]:
    """The shortest and the longest time between two polls of a source that asks its host ``requests`` times in a poll.

    Its host has ten times the rest that a poll keeps it at work, and a minute at the least; it is never left for longer than
    six hours, or its cadence where that is more.
    """
    least = max(_SOONEST, _IDLE * source.delay * max(1, requests))
    longest = min(max(_BLINDEST, float(source.cadence)), _DAY)
    return timedelta(seconds=least), timedelta(seconds=max(least, longest))


def policy_of(source: Source, past: Past, share: float, now: datetime, requests: int = 1) -> Learning:
    """The schedule of a source from ``now`` on."""
    least, longest = bounds(source, requests)
    return Learning(share, past.times, past.since, now, _LEARNED_AGAIN, least=least, longest=longest)


class Timing:
    """Plans the polls of all sources. The shares are worked out once a day, a schedule once a week or with a new share."""

    def __init__(self, sources: Iterable[Source], histories: Histories, per_day: float | None = None) -> None:
        self.histories = histories
        self._sources = {source.id: source for source in sources}
        self._per_day = per_day
        self._turn = asyncio.Lock()
        self._shared_at: datetime | None = None
        self._pasts: dict[str, Past] = {}
        self._known: dict[str, int] = {}
        self._shares: dict[str, float] = {}
        self._policies: dict[str, tuple[float, Learning]] = {}

    async def planned(
        self, source: Source, polled: datetime, news: Sequence[datetime] = (), requests: int = 1
    ) -> Planned:
        """The next poll after the one at ``polled``, which saw for the first time what appeared at ``news``.

        Raises what the store of the histories raises.
        """
        async with self._turn:
            if self._shared_at is None or polled - self._shared_at >= _SHARED_AGAIN:
                await self._share(polled)
            share = self._shares.get(source.id, _DAY / source.cadence)
            past = self._pasts.get(source.id)
            if past is None:
                return _by_cadence(source, share, polled, self._known.get(source.id, 0))
            policy = await self._policy(source, past, share, polled, requests)
            if news:
                policy.saw(polled, news)
            at = await asyncio.to_thread(policy.next_poll, polled)
            return Planned(at, _reason(past, share, policy, polled))

    async def _share(self, now: datetime) -> None:
        times = {name: await self.histories.times(name) for name in self._sources}
        found = await asyncio.to_thread(lambda: {name: past_of(some, now) for name, some in times.items()})
        self._known = {name: len(some) for name, some in times.items()}
        self._pasts = {name: past for name, past in found.items() if past is not None}
        self._shares = shares(self._sources.values(), self._pasts, self._per_day)
        self._shared_at = now

    async def _policy(self, source: Source, past: Past, share: float, now: datetime, requests: int) -> Learning:
        made = self._policies.get(source.id)
        if made is not None and abs(made[0] - share) <= _SAME * share:
            return made[1]
        policy = await asyncio.to_thread(policy_of, source, past, share, now, requests)
        self._policies[source.id] = (share, policy)
        return policy


def _by_cadence(source: Source, share: float, polled: datetime, known: int) -> Planned:
    usual = _DAY / source.cadence
    short = f"{known} of the {ENOUGH_TIMES} items that show a rhythm are known"
    old = f"the {known} items that are known lie too near together, or too long ago, to show a rhythm"
    why = f"the cadence of the catalogue: {short if known < ENOUGH_TIMES else old}"
    if share < usual * (1 - _SAME):
        why += "; stretched to keep to the budget of all sources"
    return Planned(polled + timedelta(days=1) / share, why)


def _reason(past: Past, share: float, policy: Learning, polled: datetime) -> str:
    a_day = f"{share:.3g} polls a day for {past.per_day(shanghai_day(polled)):.2g} items a day"
    scheduler, news = policy.standing.scheduler, policy.standing.news
    found = f"news at {news[-1].at.astimezone(SHANGHAI):%H:%M} (Shanghai)" if news else ""
    if scheduler.is_stirred(polled, news):
        return f"{found} is likely to be followed by more; {a_day}"
    if calm := scheduler.calm_for(polled, news):
        return f"{found} is likely to be all for {calm} minutes more; {a_day}"
    if late := scheduler.awaited(polled, news):
        return f"nothing has come yet that on {late:.0%} of such days had come by now; {a_day}"
    return f"by its rhythm: {a_day}, most of them {busiest(past.rhythm)}"


def busiest(rhythm: Rhythm) -> str:
    """The three hours of a working day in which most items appear, for people."""
    working = rhythm.rates[0]
    hours = [sum(working[hour * 60 : hour * 60 + 60]) for hour in range(24)]
    first = max(range(22), key=lambda hour: sum(hours[hour : hour + 3]))
    return f"between {first:02}:00 and {first + 3:02}:00 on working days (Shanghai)"
