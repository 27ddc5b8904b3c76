"""Dedupe: whether an alert of a group is told now, and for which of the named reasons; otherwise it is not told at all."""

from __future__ import annotations

from datetime import datetime

from alerts.stages.group import Member
from alerts.stages.route import Way
from events.ids import digest
from events.messages import Alert, AlertStatus, Reason

ORDER = (Reason.DIGEST, Reason.FIRST, Reason.NEW_IN_GROUP, Reason.CHANGED, Reason.RESOLVED, Reason.REPEAT)
"""The reason of a message is the first of these that one of its alerts has."""


def fingerprint(alert: Alert) -> str:
    """What of an alert, told once, makes it worth telling again. That one more source has a fact does not."""
    if not alert.standing:
        return "told"
    return f"{alert.status}:{digest(alert.severity, alert.title, alert.labels.get('title_zh', ''))[:16]}"


def reason_of(member: Member, alert: Alert, way: Way, sent: int, acked: bool, now: datetime) -> Reason | None:
    """Why the alert is told now; None where it is not. ``sent`` counts the messages of its group."""
    resolved = alert.status is AlertStatus.RESOLVED
    if not member.told:
        # What ended before anybody heard of it is not news; in a digest of the day it is.
        if resolved and not way.digest:
            return None
        return Reason.DIGEST if way.digest else Reason.NEW_IN_GROUP if sent else Reason.FIRST
    if not alert.standing:
        return None
    if resolved:
        return Reason.RESOLVED if way.send_resolved else None
    if member.told != fingerprint(alert):
        return Reason.CHANGED
    due = member.told_at is not None and (now - member.told_at).total_seconds() >= way.repeat_interval
    return Reason.REPEAT if due and not acked else None


def is_over(member: Member, alert: Alert) -> bool:
    """Whether nothing more will be told of an alert that was just looked at: a told fact, or one that ended."""
    return alert.status is AlertStatus.RESOLVED or (bool(member.told) and not alert.standing)


def foremost(reasons: list[Reason]) -> Reason:
    """The reason of a message, from those of its alerts (at least one)."""
    return min(reasons, key=ORDER.index)
