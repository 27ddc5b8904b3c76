"""What goes to one receiver in one piece: an alert, or a burst of alerts of one rule."""

from __future__ import annotations

from dataclasses import dataclass

from events.base import Severity
from events.messages import Alert


@dataclass(frozen=True, slots=True)
class Message:
    """One or more alerts for one receiver. ``possible_duplicate``: an earlier attempt may have arrived after all."""

    receiver: str
    alerts: tuple[Alert, ...]
    possible_duplicate: bool = False

    @property
    def first(self) -> Alert:
        return self.alerts[0]

    @property
    def grouped(self) -> bool:
        return len(self.alerts) > 1

    @property
    def illustrative(self) -> bool:
        """Whether any of it exists only to complete a published total."""
        return any(alert.illustrative for alert in self.alerts)

    @property
    def severity(self) -> Severity:
        """The loudest of its alerts."""
        order = list(Severity)
        return max((alert.severity for alert in self.alerts), key=order.index)
