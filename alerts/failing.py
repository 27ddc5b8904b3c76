"""A receiver that does not take what it is sent is itself an alert, told through the routes of others. Pure."""

from __future__ import annotations

from datetime import datetime

from alerts.stages.parcel import Parcel
from alerts.texts import one_line
from events.base import Severity
from events.messages import Alert, AlertStatus

RULE = "delivery-failed"


def failing_again(before: Alert | None, parcel: Parcel, answer: str, at: datetime) -> Alert | None:
    """The alert after a message was given up; None where one stands already, or where the message was such an alert itself."""
    if before is not None or parcel.drill or all(alert.rule_id == RULE for alert in parcel.alerts):
        return None
    told, more = parcel.alerts[0], len(parcel.alerts) - 1
    lost = f"“{one_line(told.title)}”" + (f" and {more} more" if more else "")
    return Alert(
        alert_id=f"{RULE}:{parcel.receiver}:{at.isoformat()}",
        rule_id=RULE,
        severity=Severity.CRITICAL,
        title=f"Receiver {parcel.receiver} cannot be told: {one_line(answer)[:200]}",
        text=f"A message was given up: {lost}. `medpulse alerts why {told.alert_id}` shows its path.",
        subject=parcel.receiver,
        labels={"title_zh": f"接收方 {parcel.receiver} 无法送达：{one_line(answer)[:200]}"},
        raised_at=at,
        standing=True,
        tags={"kind": ("delivery",), "failed_receiver": (parcel.receiver,)},
    )


def works_again(before: Alert | None, at: datetime) -> Alert | None:
    """The end of that alert, once a message was taken; None where there was none."""
    if before is None:
        return None
    return before.model_copy(update={"status": AlertStatus.RESOLVED, "resolved_at": at})
