"""What goes to one receiver in one piece: an alert, or the alerts of one group."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from alerts.digest.content import Digest
from events.base import Severity
from events.ids import digest as name_of
from events.messages import Alert, AlertStatus, Reason


@dataclass(frozen=True, slots=True)
class Message:
    """One or more alerts for one receiver, and why they are told now.

    ``possible_duplicate``: an earlier attempt may have arrived after all. ``reason``: why the message is sent; ``reasons``
    has that of each alert where they differ. ``group_key`` names the group, ``thread_key`` one life of it, from its first
    message until it is empty: channels with threads put messages of one ``thread_key`` into one. ``number`` counts the
    messages of the thread from 1. ``notes`` are lines for people, such as that a silence ended. ``drill``: a test, to be
    marked as one. ``since`` and ``until`` bound a digest.
    """

    receiver: str
    alerts: tuple[Alert, ...]
    possible_duplicate: bool = False
    reason: Reason = Reason.FIRST
    group_key: str = ""
    thread_key: str = ""
    number: int = 1
    reasons: dict[str, Reason] = field(default_factory=dict)
    group_labels: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    drill: bool = False
    message_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    digest: str = ""
    """``daily`` or ``weekly`` where ``reason`` is `Reason.DIGEST`."""
    content: Digest | None = None
    """What a digest shows instead of the alert that announces it."""

    @property
    def key(self) -> str:
        """Names the message for its receiver: the same for every try of it, another for every other message."""
        alerts = (alert.alert_id for alert in self.alerts)
        return name_of(self.receiver, self.message_id, str(self.reason), str(self.number), *alerts)[:40]

    @property
    def first(self) -> Alert:
        return self.alerts[0]

    @property
    def grouped(self) -> bool:
        return len(self.alerts) > 1

    @property
    def illustrative(self) -> bool:
        """Whether any of it exists only to complete a published total."""
        told = self.content is not None and self.content.illustrative
        return told or any(alert.illustrative for alert in self.alerts)

    @property
    def severity(self) -> Severity:
        """The loudest of its alerts."""
        order = list(Severity)
        return max((alert.severity for alert in self.alerts), key=order.index)

    @property
    def status(self) -> AlertStatus:
        """``resolved`` when nothing in it holds any more."""
        ended = all(alert.status is AlertStatus.RESOLVED for alert in self.alerts)
        return AlertStatus.RESOLVED if self.alerts and ended else AlertStatus.FIRING

    @property
    def resolved(self) -> bool:
        """Whether it says that what was told before has ended."""
        return self.status is AlertStatus.RESOLVED

    def reason_of(self, alert: Alert) -> Reason:
        """Why this alert is in the message."""
        return self.reasons.get(alert.alert_id, self.reason)
