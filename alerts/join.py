"""From an alert that arrived to the groups that it joins: who is told of it, and who was already. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.stages import dedupe, silence
from alerts.stages.group import Group, Member, joined, opened
from alerts.stages.route import Way
from events.messages import Alert, AlertStatus, Delivery, Reason, Silence


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of one alert for one receiver: the group it is in now, or the reason why it is in none."""

    alert: Alert
    way: Way
    group: Group | None
    said: str
    suppressed: bool = False


def members(groups: Mapping[str, Group]) -> dict[str, set[str]]:
    """The ids of the alerts in each group."""
    return {key: {member.alert_id for member in group.members} for key, group in groups.items()}


def join(
    alert: Alert,
    ways: Sequence[Way],
    groups: Mapping[str, Group],
    inside: Mapping[str, Collection[str]],
    delivered: Mapping[tuple[str, str], Delivery],
    silences: Sequence[Silence],
    now: datetime,
) -> Iterator[Joined]:
    """Each receiver's group with the alert in it. A fact that was told, or is silenced when it arrives, joins none.

    ``inside`` are the `members` of the groups: asked for each alert, so that a burst of thousands stays quick.
    """
    for way in ways:
        key = way.group_key(alert)
        group = groups.get(key)
        if alert.alert_id in inside.get(key, ()):
            continue
        last = delivered.get((alert.alert_id, way.receiver))
        if last is not None and _told_all(alert, last):
            continue
        why = None if alert.standing else silence.silenced(alert, silences, now)
        if why is not None:
            yield Joined(alert, way, None, why, suppressed=True)
            continue
        member = _member(alert, last)
        found = joined(group or opened(way, alert, now), member)
        yield Joined(alert, way, found, f"route {way.route}, group {key}")


def _told_all(alert: Alert, last: Delivery) -> bool:
    """Whether nothing of the alert is left to tell, by the last record of it."""
    return not alert.standing or last.reason is Reason.RESOLVED


def _member(alert: Alert, last: Delivery | None) -> Member:
    """A standing alert that was told, and whose group is gone, comes back as told: only what is new is said."""
    if last is None or last.status == "suppressed":
        return Member(alert_id=alert.alert_id)
    firing = alert.model_copy(update={"status": AlertStatus.FIRING})
    return Member(alert_id=alert.alert_id, told=dedupe.fingerprint(firing), told_at=last.at)
