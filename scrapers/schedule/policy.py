"""Ways to poll one source over time: evenly, or by a rhythm and a price."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from scrapers.schedule.batches import Batch
from scrapers.schedule.scheduler import Scheduler

_REMEMBERED = 3


class Policy(Protocol):
    """Decides when to poll. It knows of an item only once a poll has seen it."""

    def next_poll(self, last: datetime) -> datetime:
        """When to poll after ``last``. Aware."""
        ...

    def saw(self, at: datetime, published: Sequence[datetime]) -> None:
        """A poll at ``at`` has seen items for the first time that were published at these instants. Aware."""
        ...


@dataclass
class Even:
    """The same time between any two polls: what a cadence does."""

    every: timedelta

    def next_poll(self, last: datetime) -> datetime:
        return last + self.every

    def saw(self, at: datetime, published: Sequence[datetime]) -> None:
        """News changes nothing."""


@dataclass
class Standing:
    """A rhythm and a price that do not change; it reacts to news within the day."""

    scheduler: Scheduler
    news: deque[Batch] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def next_poll(self, last: datetime) -> datetime:
        return self.scheduler.next_poll(last, self.news)

    def saw(self, at: datetime, published: Sequence[datetime]) -> None:
        self.news.append(Batch(at, len(published)))
