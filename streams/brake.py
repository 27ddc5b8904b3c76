"""The brake: a worker that can read hardly anything stops, rather than empty its topic into the dead letters.

Bad messages come one at a time; a bad deploy makes every message bad. Past a limit the process ends before it commits, so that
the messages are still there for the version that can read them. The rule is that of arroyo's dead-letter policy.
"""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()
EXIT_CODE = 76
"""How a worker ends that was stopped by its brake (EX_PROTOCOL of sysexits.h)."""

REMEDY = "look at `medpulse dlq list`; if a new version cannot read what an older one wrote, go back to the older one"


@dataclass(frozen=True, slots=True)
class Limits:
    """Most dead letters of one stage: ``in_a_row``, and ``per_cent`` of the last ``window`` messages."""

    in_a_row: int = 100
    window: int = 1000
    per_cent: int = 50


def _end(stage: str, why: str) -> None:
    log.error("worker.stopped_by_its_brake", stage=stage, why=why, remedy=REMEDY)
    os._exit(EXIT_CODE)


@dataclass
class Brake:
    """Counts what went well and what did not. ``stop`` is called with the stage and the reason once a limit is passed."""

    limits: Limits = field(default_factory=Limits)
    stop: Callable[[str, str], None] = _end
    _row: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _last: dict[str, deque[bool]] = field(default_factory=dict)

    def went_well(self, stage: str) -> None:
        """A message of a stage was taken."""
        self._row[stage] = 0
        self._window(stage).append(False)

    def failed(self, stage: str) -> None:
        """A message of a stage has become a dead letter, whole."""
        self._row[stage] += 1
        window = self._window(stage)
        window.append(True)
        if self._row[stage] >= self.limits.in_a_row:
            self.stop(stage, f"{self._row[stage]} dead letters in a row")
        elif len(window) == self.limits.window and sum(window) * 100 >= self.limits.per_cent * self.limits.window:
            self.stop(stage, f"{sum(window)} of the last {self.limits.window} messages became dead letters")

    def _window(self, stage: str) -> deque[bool]:
        return self._last.setdefault(stage, deque(maxlen=self.limits.window))
