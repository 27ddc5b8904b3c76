"""Inhibit: an alert is not told while a stronger one holds that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from alerts.configuration import Strict
from alerts.durations import Seconds
from events.matching import matches, values
from events.messages import Alert, AlertStatus, Matchers

HOUR = 3600.0


class Inhibition(Strict):
    """While an alert that matches ``when`` holds, those that match ``mute`` and have the same ``equal`` names are not told.

    A fact holds for ``fact_holds`` seconds from when it was raised, a standing alert until it is resolved.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    when: Annotated[Matchers, Field(min_length=1)]
    mute: Annotated[Matchers, Field(min_length=1)]
    equal: tuple[str, ...] = ()
    fact_holds: Seconds = HOUR


def inhibitor(alert: Alert, holding: Iterable[Alert], rules: Sequence[Inhibition], now: float) -> str | None:
    """What keeps the alert back, in words: the inhibition and the alert that holds; None where nothing does.

    ``now`` is in seconds since the epoch. An alert never inhibits itself, and one that is resolved inhibits nothing.
    """
    candidates = [rule for rule in rules if matches(rule.mute, alert)]
    if not candidates:
        return None
    for other in holding:
        for rule in candidates:
            if other.alert_id != alert.alert_id and _holds(other, rule, now) and _covers(other, alert, rule):
                return f"inhibited by {other.alert_id} ({rule.id})"
    return None


def _holds(other: Alert, rule: Inhibition, now: float) -> bool:
    if other.status is AlertStatus.RESOLVED:
        return False
    return other.standing or now < other.raised_at.timestamp() + rule.fact_holds


def _covers(other: Alert, alert: Alert, rule: Inhibition) -> bool:
    # Two alerts that both match both sides would silence each other for ever: then neither does.
    mutual = matches(rule.when, alert) and matches(rule.mute, other)
    same = all(set(values(other, name)) & set(values(alert, name)) for name in rule.equal)
    return not mutual and same and matches(rule.when, other)
