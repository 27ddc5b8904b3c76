"""The topics: name, key, partitions and retention, declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DAY_MS = 86_400_000
PREFIX = "medpulse."


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. ``retention_ms`` is None where compaction keeps the last message of each key for ever."""

    name: str
    model: str
    key: str
    partitions: int
    cleanup: Literal["delete", "compact"]
    retention_ms: int | None
    public: bool
    meaning: str

    @property
    def configs(self) -> dict[str, str]:
        """The broker's settings for this topic."""
        settings = {"cleanup.policy": self.cleanup, "max.message.bytes": str(MAX_MESSAGE_BYTES)}
        if self.retention_ms is not None:
            settings["retention.ms"] = str(self.retention_ms)
        return settings


MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""The largest message that a topic takes."""

BATCH_NOTICES = 200
BATCH_BYTES = 512 * 1024
"""An envelope of the inner topics is closed at this many notices or bytes, whichever comes first."""

NOTICES = Topic(
    f"{PREFIX}notices", "NoticeBatch", "source_id", 4, "delete", 30 * DAY_MS, False, "what the scrapers saw, by poll"
)
NOTICES_UNIQUE = Topic(
    f"{PREFIX}notices.unique", "NoticeBatch", "source_id", 4, "delete", 365 * DAY_MS, False, "new and changed notices"
)
EVENTS = Topic(f"{PREFIX}events", "Event", "event_id", 4, "compact", None, True, "what happened in the sector")
METRICS = Topic(f"{PREFIX}metrics", "Metric", "name and dims", 4, "compact", None, True, "the series as they change")
ALERTS = Topic(f"{PREFIX}alerts", "Alert", "alert_id", 4, "delete", 90 * DAY_MS, True, "what somebody asked to be told")
DELIVERIES = Topic(
    f"{PREFIX}deliveries", "Delivery", "alert_id", 4, "delete", 365 * DAY_MS, True, "who was told what, and why"
)
SOURCE_HEALTH = Topic(
    f"{PREFIX}source-health", "SourceHealth", "source_id", 1, "compact", None, True, "the last poll of each source"
)
DEAD_LETTERS = Topic(
    f"{PREFIX}dead-letters", "DeadLetter", "stage", 1, "delete", 90 * DAY_MS, True, "what could not be taken, and why"
)

TOPICS: tuple[Topic, ...] = (
    NOTICES,
    NOTICES_UNIQUE,
    EVENTS,
    METRICS,
    ALERTS,
    DELIVERIES,
    SOURCE_HEALTH,
    DEAD_LETTERS,
)
