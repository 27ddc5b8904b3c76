"""What a schedule would have done: its polls over a known history, and how long each item would have waited."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scrapers.schedule.policy import Policy


@dataclass(frozen=True, slots=True)
class Replayed:
    """``polls`` and ``delays`` (seconds from publication to the poll that saw it, in the order of publication)."""

    polls: int
    delays: tuple[float, ...]
    days: float

    @property
    def per_day(self) -> float:
        """Polls a day."""
        return self.polls / self.days


def replay(policy: Policy, published: Sequence[datetime], start: datetime, end: datetime) -> Replayed:
    """Poll from ``start`` to ``end`` (aware). The policy hears of an item only once a poll has seen it."""
    waiting = deque(at for at in sorted(published) if start <= at < end)
    delays: list[float] = []
    polls, at = 0, start
    while (at := policy.next_poll(at)) < end:
        polls += 1
        found = []
        while waiting and waiting[0] <= at:
            found.append(waiting.popleft())
        if found:
            delays.extend((at - one).total_seconds() for one in found)
            policy.saw(at, found)
    delays.extend((end - one).total_seconds() for one in waiting)
    return Replayed(polls, tuple(delays), (end - start).total_seconds() / 86_400)
