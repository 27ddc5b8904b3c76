"""The pure steps between an alert and its message: who is told, what is sent in one piece, and how long to wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alerts.ledger import Due
from events.base import Severity
from events.messages import Alert, Reason

BURST = 5
"""From this many alerts of one rule in one batch, they are told in one message."""

MAX_GROUP = 400
"""And one message tells no more than this many."""

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 900.0
_LOUDNESS = {severity: n for n, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a receiver asks for: rules by id (empty: all), and how loud an alert must be."""

    rules: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO

    def wants(self, alert: Alert) -> bool:
        """Whether the receiver is told of this alert."""
        loud = _LOUDNESS[alert.severity] >= _LOUDNESS[self.min_severity]
        return loud and (not self.rules or alert.rule_id in self.rules)


ALL = Wanted()
"""Every alert, however quiet."""


def pieces(batch: Sequence[Due]) -> Iterator[tuple[Due, ...]]:
    """What is sent in one piece, in the order of the oldest alert of each: bursts of a rule together, others alone."""
    by_rule: dict[str, list[Due]] = {}
    for due in batch:
        by_rule.setdefault(due.alert.rule_id, []).append(due)
    told: set[str] = set()
    for due in batch:
        rule = due.alert.rule_id
        same = by_rule[rule]
        if len(same) < BURST:
            yield (due,)
        elif rule not in told:
            told.add(rule)
            yield from (tuple(same[n : n + MAX_GROUP]) for n in range(0, len(same), MAX_GROUP))


def reason_of(position: int) -> Reason:
    """Why the alert at ``position`` of a message was sent: the first opens it, the others joined it."""
    return Reason.FIRST if position == 0 else Reason.NEW_IN_GROUP


def wait_seconds(failures: int, asked: float | None) -> float:
    """How long a receiver is left alone after ``failures`` (≥ 1) in a row: doubling, or what it asked for if longer."""
    backoff = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * float(2 ** min(failures - 1, 20)))
    return max(backoff, asked or 0.0)
