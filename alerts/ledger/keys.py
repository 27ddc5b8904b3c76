"""The keys in Redis that only this room reads; those that others read are in `events.view.layout`."""

from __future__ import annotations

CLAIMS = "medpulse:claims"
"""Hash: message id → the `Claim` as JSON, while the message is undelivered."""

PARCELS = "medpulse:parcels"
"""Hash: message id → the `Parcel` as JSON, while it stands in an outbox."""

QUEUED = "medpulse:outbox:queued"
"""Hash: ``alert id|receiver|what of it is told`` → the message that stands in an outbox with it."""

UNPUBLISHED = "medpulse:deliveries:unpublished"
"""Hash: delivery id → the `Delivery` as JSON, until the topic ``deliveries`` has it."""

UNRAISED = "medpulse:alerts:unpublished"
"""Hash: alert id → an alert of this room itself (a receiver that fails) as JSON, until the topic ``alerts`` has it."""

RESUME = "medpulse:outbox:resume"
"""Hash: receiver → seconds since the epoch before which nothing is sent to it, and how many tries failed in a row."""

FAILING = "medpulse:outbox:failing"
"""Hash: receiver → the alert, as JSON, that says that messages to it are given up, until it takes one again."""

INBOX = "medpulse:alerts:inbox"
"""List: ids of the alerts that were not yet given to a group, oldest first."""

GROUPS = "medpulse:groups"
"""Hash: group key → the `Group` as JSON."""

GROUPS_DUE = "medpulse:groups:due"
"""Sorted set: group keys by the time at which they are looked at, in seconds since the epoch."""

SENT_AT = "medpulse:throttle"
"""Hash: receiver → JSON list of the times, in seconds since the epoch, that its throttle counts."""

ENDED_TOLD = "medpulse:silences:ended"
"""Set: ``silence id|receiver``: the ends of silences that were told."""

PLANNER = "medpulse:alerts:planner"
"""String: the lease of the process that groups and decides."""

OUTBOX_LIMIT = 10_000
"""An outbox holds this many messages; what comes on top is recorded as failed, never dropped in silence."""

PATH_STEPS = 200
"""How many steps of an alert's path are kept, the latest."""


def outbox(receiver: str) -> str:
    """Sorted set: message ids by the time, in seconds since the epoch, at which they are due."""
    return f"medpulse:outbox:{receiver}"


def queued(alert_id: str, receiver: str, fingerprint: str) -> str:
    """The field in `QUEUED` of what a message tells of an alert (`alerts.stages.dedupe.fingerprint`)."""
    return f"{alert_id}|{receiver}|{fingerprint}"


def field(alert_id: str, receiver: str) -> str:
    """The field of an alert at a receiver in `layout.DELIVERED`."""
    return f"{alert_id}|{receiver}"
