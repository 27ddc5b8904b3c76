"""The other messages: metrics, alerts, deliveries, the health of sources, and dead letters."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from events.base import Message, Severity, UtcDatetime


class Metric(Message):
    """The cumulative value of one series after an event was applied. ``previous`` is its value before."""

    name: str
    dims: dict[str, str] = Field(default_factory=dict)
    value: int
    previous: int
    unit: str
    as_of: date
    at: UtcDatetime
    event_id: str
    illustrative: bool = False


class AlertStatus(StrEnum):
    """Whether what an alert tells of still holds. A fact (a certificate) never ends; a failing source may."""

    FIRING = "firing"
    RESOLVED = "resolved"


class AlertSource(Message):
    """One place where the fact of an alert was seen."""

    source_id: str
    url: str
    at: UtcDatetime


class Alert(Message):
    """Something a person asked to be told. The id is made of the rule and the fact, so a replay raises no second one.

    ``standing`` alerts hold until they are resolved, are repeated meanwhile and may be told as changed; the others are facts,
    told once. ``labels`` are words for people, ``tags`` the names that routes, inhibitions, silences and grouping look at.
    """

    alert_id: str
    rule_id: str
    severity: Severity
    title: str
    text: str
    subject: str
    labels: dict[str, str] = Field(default_factory=dict)
    event_ids: tuple[str, ...] = ()
    url: str | None = None
    raised_at: UtcDatetime
    illustrative: bool = False
    status: AlertStatus = AlertStatus.FIRING
    standing: bool = False
    resolved_at: UtcDatetime | None = None
    tags: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sources: tuple[AlertSource, ...] = ()
    traceparent: str | None = None


class Reason(StrEnum):
    """Why a message was sent."""

    FIRST = "first"
    NEW_IN_GROUP = "new_in_group"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REPEAT = "repeat"
    DIGEST = "digest"


class Delivery(Message):
    """One alert, one receiver: what was sent, why, and what the receiver answered.

    ``suppressed`` is an alert that was kept back for good, with the cause in ``answer``: a fact that was silenced or inhibited,
    or what ended before anybody was told of it.
    """

    delivery_id: str
    alert_id: str
    receiver: str
    channel: str
    reason: Reason
    status: Literal["sent", "failed", "suppressed"]
    attempts: Annotated[int, Field(ge=1)]
    at: UtcDatetime
    answer: str = ""
    possible_duplicate: bool = False
    group: str = ""
    route: str = ""
    message_id: str = ""
    traceparent: str | None = None


Matchers = dict[str, tuple[Annotated[str, Field(min_length=1)], ...]]
"""Name → globs. What names there are, and how they match: `events.matching`."""


class Silence(Message):
    """Somebody's wish not to be told of what matches, from ``starts_at`` until ``ends_at``. Kept in Redis, never deleted.

    Every name must match, each by one of its globs. ``ended_by`` is who ended it before its time.
    """

    silence_id: str
    match: Annotated[Matchers, Field(min_length=1)]
    author: Annotated[str, Field(min_length=1)]
    comment: Annotated[str, Field(min_length=1)]
    created_at: UtcDatetime
    starts_at: UtcDatetime
    ends_at: UtcDatetime
    ended_by: str | None = None

    def state(self, now: datetime) -> Literal["pending", "active", "expired"]:
        """What the silence is at an instant: its end is not part of it."""
        if now >= self.ends_at:
            return "expired"
        return "active" if now >= self.starts_at else "pending"


class Ack(Message):
    """Somebody has seen an alert and looks after it: it is not repeated. Its end and its changes are still told."""

    alert_id: str
    author: Annotated[str, Field(min_length=1)]
    comment: str = ""
    at: UtcDatetime


class Step(Message):
    """One step of an alert on its way to people: what a stage did with it, for whom, and why."""

    at: UtcDatetime
    stage: str
    said: str
    receiver: str = ""


class Outcome(StrEnum):
    """How a poll ended. Every poll ends in exactly one of these."""

    NEW = "new"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    DRIFTED = "drifted"
    CHALLENGED = "challenged"
    THROTTLED = "throttled"
    REFUSED = "refused"
    OUTAGE = "outage"
    MALFORMED = "malformed"

    @property
    def healthy(self) -> bool:
        """Whether the source was read: it answered in the shape that it is known for."""
        return self in {Outcome.NEW, Outcome.UNCHANGED, Outcome.EMPTY}


class HealthState(StrEnum):
    """The standing of a source: ``failing`` after several bad polls in a row, until one succeeds."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    FAILING = "failing"


class SourceHealth(Message):
    """The end of one poll, and what it makes of the source.

    ``expected_items`` and ``expected_by`` are learned from the source's own history, and None as long as that is short.
    ``overdue``: nothing has been new for much longer than its rhythm; the state tells of polls, so it may be healthy.
    ``tls_exception`` is why the name in its host's certificate is not checked; None where it is, as it should be.
    """

    source_id: str
    outcome: Outcome
    state: HealthState
    at: UtcDatetime
    url: str
    detail: str = ""
    http_status: int | None = None
    items_seen: Annotated[int, Field(ge=0)] = 0
    items_new: Annotated[int, Field(ge=0)] = 0
    bad_in_a_row: Annotated[int, Field(ge=0)] = 0
    duration_ms: Annotated[int, Field(ge=0)] = 0
    last_healthy_at: UtcDatetime | None = None
    last_new_at: UtcDatetime | None = None
    next_poll_at: UtcDatetime | None = None
    expected_items: Annotated[int, Field(ge=0)] | None = None
    expected_by: UtcDatetime | None = None
    overdue: bool = False
    replaced: Annotated[int, Field(ge=0)] = 0
    next_poll_why: str | None = None
    tls_exception: str | None = None


class DeadLetter(Message):
    """A message that a stage could not take, whole, with the reason, so that it can be read and tried again."""

    stage: str
    reason: str
    error: str
    topic: str
    partition: int
    offset: int
    key: bytes | None = None
    original: bytes
    at: UtcDatetime
