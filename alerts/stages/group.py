"""Group: alerts that belong together wait for one another, and are then told in one message."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from alerts.stages.active import next_digest
from alerts.stages.route import Way
from events.base import Message, UtcDatetime
from events.messages import Alert


class Member(Message):
    """An alert of a group. ``told`` is what was last told of it (empty: nothing), ``held`` why it was last kept back."""

    alert_id: str
    told: str = ""
    told_at: UtcDatetime | None = None
    held: str = ""


class Group(Message):
    """The alerts that one receiver is told of together, and when that is looked at next.

    ``thread`` names one life of the group: from its first alert until there is nothing left to tell. ``sent`` counts its
    messages. ``since`` is when a digest begins.
    """

    key: str
    route: str
    receiver: str
    labels: dict[str, str] = Field(default_factory=dict)
    thread: str
    since: UtcDatetime
    flush_at: UtcDatetime
    members: tuple[Member, ...] = ()
    sent: int = 0


def opened(way: Way, alert: Alert, now: datetime) -> Group:
    """A new group, empty; its first message is due after the wait of its route, or with the next digest."""
    key = way.group_key(alert)
    due = _digest_at(way, now) if way.digest else now + timedelta(seconds=way.group_wait)
    return Group(
        key=key,
        route=way.route,
        receiver=way.receiver,
        labels=way.labels(alert),
        thread=f"{key}@{now.isoformat()}",
        since=now,
        flush_at=due,
    )


def joined(group: Group, member: Member) -> Group:
    """The group with one more member, which is not in it yet."""
    return group.model_copy(update={"members": (*group.members, member)})


def rested(way: Way, now: datetime) -> datetime:
    """When a group of this way is looked at again after it was looked at now."""
    return _digest_at(way, now) if way.digest else now + timedelta(seconds=way.group_interval)


def _digest_at(way: Way, now: datetime) -> datetime:
    assert way.digest is not None
    return next_digest(now, way.digest, way.digest_at, way.digest_working_days)
