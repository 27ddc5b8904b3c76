"""The keys in Redis, in one place. Those of one view share a hash tag, so that a cluster keeps them on one node."""

from __future__ import annotations

LIVE = "medpulse:live"
"""The name of the view that readers use: a string. Absent means `FIRST`."""

BUILDING = "medpulse:building"
"""The name of the view that a rebuild is making beside the live one: a string, absent at other times."""

CURSOR = "medpulse:building:cursor"
"""Hash: partition of the topic ``events`` → one past the last offset that the rebuild has applied."""

EPOCH = "medpulse:epoch"
"""A string that is there as long as this Redis has what was ever written to it. Without it, the view is to be made again."""

THIS_EPOCH = "5"
"""The value of `EPOCH`: raised when events contribute otherwise than before, or are kept as an earlier version could not read
them, so that an upgrade makes the view again and earlier workers wait."""

FIRST = "v1"


def series(view: str, name: str, dim_key: str) -> str:
    """Hash, one series: field → integer. What a field means depends on the measure (see `events.view.series`)."""
    return f"{{medpulse:{view}}}:s:{name}:{dim_key}"


def index(view: str, name: str) -> str:
    """Set: the dim keys that a metric has series for."""
    return f"{{medpulse:{view}}}:i:{name}"


def applied(view: str) -> str:
    """Hash: event id → its order, a line feed, and what it contributed. The memory that makes `apply` idempotent."""
    return f"{{medpulse:{view}}}:applied"


def events(view: str) -> str:
    """Hash: event id → the event (`events.view.bodies`), retracted ones left out."""
    return f"{{medpulse:{view}}}:events"


def totals(view: str) -> str:
    """Hash: ``metric:dim key`` → the cumulative value of the series, kept with it so that nobody needs to read the series."""
    return f"{{medpulse:{view}}}:totals"


def told_members(view: str, name: str, dim_key: str) -> str:
    """Hash, beside a distinct, latest or fact series: member → how many events tell it, on all days together."""
    return f"{{medpulse:{view}}}:m:{name}:{dim_key}"


def timeline(view: str) -> str:
    """Sorted set: event ids by event time, in seconds since the epoch; an undated event has the time of its detection."""
    return f"{{medpulse:{view}}}:timeline"


def serial(view: str) -> str:
    """A string: how many events were applied to the view, redeliveries left out. Grows with every change of it."""
    return f"{{medpulse:{view}}}:serial"


def changes(view: str) -> str:
    """Sorted set: event id → the serial number of the last change of it, retractions included."""
    return f"{{medpulse:{view}}}:changes"


def past(view: str, event_id: str) -> str:
    """List: what an event said before (`events.view.bodies`), its last 20 bodies, the newest last; of a retracted one too."""
    return f"{{medpulse:{view}}}:past:{event_id}"


def produced(topic: str) -> str:
    """Sorted set: partition → one past the last offset that a producer of ours was told by the broker."""
    return f"{{medpulse:flow}}:produced:{topic}"


def processed(group: str, topic: str) -> str:
    """Sorted set: partition → one past the last offset whose effect a consumer group has done."""
    return f"{{medpulse:flow}}:processed:{group}:{topic}"


NOTICES = "{medpulse:notices}:seen"
"""Hash: notice id → ``revision:content hash`` of what was last passed on."""

NOTICE_PLACES = "{medpulse:notices}:places"
"""Hash: notice id → ``partition:offset:detected_at`` of the message that made its last revision."""

NOTICE_EVENTS = "{medpulse:notices}:events"
"""Hash: notice id → JSON ``{"revision": …, "ids": […]}``: the events that its last revision gave. Earlier versions kept a list
of the events themselves."""


NOTICE_TEXT = "{medpulse:notices}:text:"
SIGHTINGS = "{medpulse:notices}:sightings:"
SIGNATURE = "{medpulse:notices}:signature:"
"""What the keys below begin with, for the Redis Functions that take many of them at once."""


def notice_texts(notice_id: str) -> str:
    """List: the last 5 revisions of a notice, packed (`events.view.texts`), the newest first."""
    return f"{NOTICE_TEXT}{notice_id}"


def sightings(event_id: str) -> str:
    """Hash: who tells the event → ``revision generation gone``, a line feed, and the event as that witness tells it
    (`events.view.bodies`)."""
    return f"{SIGHTINGS}{event_id}"


RERUN = "{medpulse:notices}:rerun"
"""Hash of the re-enrichment: its ``generation``; while it goes on also partition → one past the last offset read again."""

JOINED = "{medpulse:notices}:joined"
"""Hash: notice id → the merge that makes it a copy of another, as JSON. One that was undone stays, with who undid it."""

CARDS = "{medpulse:notices}:cards"
"""Hash: notice id → serial number, a line feed, and what two copies are compared by, as JSON."""


def signature(name: str) -> str:
    """Sorted set: the notices that have this signature (a document number, a title, a band of a hash), by serial number."""
    return f"{SIGNATURE}{name}"


TEXTS = "{medpulse:notices}:texts"
"""Hash: notice id → the whole notice (`events.view.bodies`), for those that may have copies elsewhere and that `notice_texts`
cuts; earlier versions kept here every one that may have copies."""

HEALTH = "medpulse:health"
"""Hash: source id → its last `SourceHealth` as JSON."""


def polls(source_id: str) -> str:
    """List: the last 300 `SourceHealth` of a source as JSON, the newest first."""
    return f"medpulse:polls:{source_id}"


ALERTS = "medpulse:alerts"
"""Hash: alert id → the alert as JSON."""

DELIVERED = "medpulse:delivered"
"""Hash: ``alert id|receiver`` → the last `Delivery` as JSON. Set after the receiver's answer, never before."""

DELIVERIES = "medpulse:deliveries"
"""Sorted set: `Delivery` as JSON, by time in seconds since the epoch: the ledger that people read."""

SILENCES = "medpulse:silences"
"""Hash: silence id → `Silence` as JSON, those that ended too."""

ACKS = "medpulse:acks"
"""Hash: alert id → the last `Ack` as JSON."""

STANDING = "medpulse:alerts:standing"
"""Sorted set: ids of the alerts that hold now, by the time until which they do (``inf`` for a condition)."""

RAISED = "medpulse:alerts:raised"
"""Sorted set: alert ids by the time at which they were raised, in seconds since the epoch."""


def path(alert_id: str) -> str:
    """List: the `Step`s of an alert as JSON, oldest first."""
    return f"medpulse:alerts:path:{alert_id}"


DEAD = "medpulse:dead-letters"
"""Hash: stage → number of dead letters since the view was made."""

SETTLED = "medpulse:dead-letters:settled"
"""Hash: id of a dead letter → what an operator did with it, as JSON."""

COUNTERS = "medpulse:counters"
"""Hash: counter name → integer, for the board's `/metrics`."""


def entities(view: str) -> str:
    """Hash: entity id → its name, for people to read."""
    return f"{{medpulse:{view}}}:entities"


STREAMS, RULES, DISPATCHER = "medpulse-streams", "medpulse-rules", "medpulse-dispatcher"
"""The consumer groups."""

FLOW = (
    (STREAMS, "medpulse.notices"),
    (STREAMS, "medpulse.notices.unique"),
    (STREAMS, "medpulse.events"),
    (STREAMS, "medpulse.source-health"),
    (RULES, "medpulse.events"),
    (RULES, "medpulse.metrics"),
    (RULES, "medpulse.source-health"),
    (DISPATCHER, "medpulse.alerts"),
)
"""Who reads what, in the order of the flow."""


def published(view: str) -> str:
    """Hash: ``metric:dim key`` → the value that the metrics topic was last told."""
    return f"{{medpulse:{view}}}:published"


def untold(view: str) -> str:
    """Hash: ``metric:dim key`` → serial number, a line feed, and a stamp: series that changed and were not yet published."""
    return f"{{medpulse:{view}}}:untold"


Scalar = bytes | bytearray | memoryview | str | int | float
"""What redis-py takes as a field or a value of a hash."""


def text(raw: object) -> str:
    """A reply of Redis as text: clients that do not decode give bytes, and redis-py types both."""
    return raw.decode() if isinstance(raw, bytes) else str(raw)


SPOOLS = "medpulse:spools"
"""Hash: scraper process → JSON of what waits on its disk for a broker that is away (batches, bytes, since)."""
