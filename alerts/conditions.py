"""Conditions that hold for a time: when one begins, is told and ends. Pure; the state is kept by `alerts.rules_memory`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from events.base import Message, UtcDatetime
from events.messages import Alert, AlertStatus


class Condition(Message):
    """A condition that holds, and the alert about it; ``told`` once that was raised."""

    key: str
    since: UtcDatetime
    alert: Alert
    told: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What was seen of a condition: the alert about it, or None where it does not hold.

    ``silent`` ends are not told. ``named``: the id of the alert names one time that it holds, so that another id means that
    the first is over; otherwise a condition keeps the id that it began with.
    """

    key: str
    at: datetime
    alert: Alert | None
    holds_for: float = 0.0
    silent: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A condition after a report (None: it is over), and the alerts that begin, change or end."""

    condition: Condition | None
    alerts: tuple[Alert, ...] = ()


def turned(before: Condition | None, report: Report, now: datetime) -> Turn:
    """The condition after a report. One that ends before its time was up was never told, and is not now."""
    if before is not None and _is_over(before, report):
        ended = () if report.silent or not before.told else (_ended(before.alert, report.at),)
        if report.alert is None:
            return Turn(None, ended)
        begun = turned(None, report, now)
        return Turn(begun.condition, ended + begun.alerts)
    if report.alert is None:
        return Turn(None)
    known = before.alert if before else report.alert
    alert = report.alert.model_copy(update={"alert_id": known.alert_id, "raised_at": known.raised_at})
    since, told = (before.since, before.told) if before else (report.at, False)
    held = Condition(key=report.key, since=since, alert=alert, told=told)
    if told:
        return Turn(held, (alert,) if alert.standing else ())
    if ripe(held, report.holds_for, max(now, report.at)):
        return Turn(held.model_copy(update={"told": True}), (alert,))
    return Turn(held)


def ripe(condition: Condition, holds_for: float, now: datetime) -> bool:
    """Whether the condition has held for long enough to be told."""
    return now - condition.since >= timedelta(seconds=holds_for)


def _is_over(before: Condition, report: Report) -> bool:
    return report.alert is None or (report.named and before.alert.alert_id != report.alert.alert_id)


def _ended(alert: Alert, at: datetime) -> Alert:
    return alert.model_copy(update={"status": AlertStatus.RESOLVED, "resolved_at": at})
