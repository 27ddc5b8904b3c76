"""A message that was decided upon and waits in a receiver's outbox."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from alerts.message import Message as Told
from events.base import Message, UtcDatetime
from events.messages import Alert, Reason


class Parcel(Message):
    """One message to one receiver, whole, with the alerts as they were when it was decided upon."""

    message_id: str
    receiver: str
    alerts: tuple[Alert, ...]
    reason: Reason = Reason.FIRST
    reasons: dict[str, Reason] = Field(default_factory=dict)
    route: str = ""
    group_key: str = ""
    group_labels: dict[str, str] = Field(default_factory=dict)
    thread_key: str = ""
    number: int = 1
    notes: tuple[str, ...] = ()
    digest: str = ""
    since: UtcDatetime | None = None
    until: UtcDatetime | None = None
    drill: bool = False
    silences: tuple[str, ...] = ()
    """Ids of the silences whose end the notes tell."""

    def told(self, possible_duplicate: bool) -> Told:
        """As a channel takes it."""
        return Told(
            receiver=self.receiver,
            alerts=self.alerts,
            possible_duplicate=possible_duplicate,
            reason=self.reason,
            group_key=self.group_key,
            thread_key=self.thread_key,
            number=self.number,
            reasons=dict(self.reasons),
            group_labels=dict(self.group_labels),
            notes=self.notes,
            drill=self.drill,
            message_id=self.message_id,
            since=self.since,
            until=self.until,
            digest=self.digest,
        )

    def reason_of(self, alert: Alert) -> Reason:
        """Why this alert is in it."""
        return self.reasons.get(alert.alert_id, self.reason)


def single(receiver: str, alert: Alert) -> Parcel:
    """A message of one alert, outside any group."""
    ident = f"{alert.alert_id}|{receiver}"
    return Parcel(message_id=ident, receiver=receiver, alerts=(alert,), thread_key=ident)


def cut(parcel: Parcel, most: int) -> Sequence[Parcel]:
    """The parcel as several of ``most`` alerts each, numbered on; itself where it is small enough."""
    if len(parcel.alerts) <= most:
        return (parcel,)
    made = []
    for n in range(0, len(parcel.alerts), most):
        number = parcel.number + n // most
        part = parcel.alerts[n : n + most]
        reasons = {alert.alert_id: parcel.reason_of(alert) for alert in part}
        changed = {"alerts": part, "number": number, "reasons": reasons, "message_id": f"{parcel.thread_key}#{number}"}
        made.append(parcel.model_copy(update=changed))
    return made
