"""The other messages: metrics, alerts, deliveries, the health of sources, and dead letters."""

from __future__ import annotations

from datetime import date
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


class Alert(Message):
    """Something a person asked to be told. The id is made of the rule and the fact, so a replay raises no second one."""

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


class Reason(StrEnum):
    """Why a message was sent."""

    FIRST = "first"
    NEW_IN_GROUP = "new_in_group"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REPEAT = "repeat"
    DIGEST = "digest"


class Delivery(Message):
    """One alert, one receiver: what was sent, why, and what the receiver answered."""

    delivery_id: str
    alert_id: str
    receiver: str
    channel: str
    reason: Reason
    status: Literal["sent", "failed"]
    attempts: Annotated[int, Field(ge=1)]
    at: UtcDatetime
    answer: str = ""
    possible_duplicate: bool = False


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
