"""What a receiver asks for in general, and how long one that fails is left alone."""

from __future__ import annotations

from dataclasses import dataclass

from events.base import Severity
from events.messages import Alert

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 900.0
LOUDNESS = {severity: n for n, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a receiver asks for: rules by id (empty: all), and how loud an alert must be."""

    rules: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO

    def wants(self, alert: Alert) -> bool:
        """Whether the receiver is told of this alert."""
        loud = LOUDNESS[alert.severity] >= LOUDNESS[self.min_severity]
        return loud and (not self.rules or alert.rule_id in self.rules)


ALL = Wanted()
"""Every alert, however quiet."""


def wait_seconds(failures: int, asked: float | None) -> float:
    """How long a receiver is left alone after ``failures`` (≥ 1) in a row: doubling, or what it asked for if longer."""
    backoff = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * float(2 ** min(failures - 1, 20)))
    return max(backoff, asked or 0.0)
