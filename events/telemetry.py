"""What each process tells Prometheus of itself: one typed table of names, the instruments, and bounds for their labels.

What the whole installation is like (the sector, sources, lag) the board tells, from Redis: `board.prometheus`. Here is what
only the process that does the work can know: how long it takes, and how often it goes wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

Kind = Literal["counter", "gauge", "histogram"]
MOST_VALUES = 200
"""Different values of one label that a process tells; what comes after is counted as `OTHER`."""
OTHER = "other"
_SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LONG = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21600, 86400)


@dataclass(frozen=True, slots=True)
class Name:
    """One row of the table. ``buckets`` are seconds, for a histogram only. A counter is exposed with ``_total``."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


TABLE: Mapping[str, Name] = {
    row.name: row
    for row in (
        Name("medpulse_build", "gauge", "1, with the version and the room of this process.", ("version", "room")),
        Name("medpulse_polls", "counter", "Polls by how they ended.", ("source", "outcome")),
        Name("medpulse_batch_seconds", "histogram", "How long the effect of a batch takes.", ("stage",), _SHORT),
        Name("medpulse_batch_messages", "counter", "Messages whose effect was done.", ("stage",)),
        Name("medpulse_buried", "counter", "Dead letters that this process wrote.", ("stage",)),
        Name("medpulse_retries", "counter", "Waits for a Kafka or Redis that is away.", ("stage",)),
        Name(
            "medpulse_end_to_end_seconds",
            "histogram",
            "From a poll that saw something to where it arrived: the view, or the channel of a receiver.",
            ("to",),
            _LONG,
        ),
        Name(
            "medpulse_sends",
            "counter",
            "Messages to people, by channel and what became of them.",
            ("channel", "status"),
        ),
    )
}
"""Every name that `/metrics` of a room exposes, beside those of the Python process itself."""

REGISTRY = CollectorRegistry(auto_describe=True)
for _collector in (ProcessCollector, PlatformCollector, GCCollector):
    _collector(registry=REGISTRY)

I = TypeVar("I", Counter, Gauge, Histogram)  # noqa: E741
_lock = threading.Lock()
_told: dict[tuple[str, str], set[str]] = {}


def _made(name: str, kind: Callable[..., I], **more: object) -> I:
    row = TABLE[name]
    return kind(name, row.help, row.labels, registry=REGISTRY, **more)


BUILD = _made("medpulse_build", Gauge)
POLLS = _made("medpulse_polls", Counter)
BATCH_SECONDS = _made("medpulse_batch_seconds", Histogram, buckets=_SHORT)
BATCH_MESSAGES = _made("medpulse_batch_messages", Counter)
BURIED = _made("medpulse_buried", Counter)
RETRIES = _made("medpulse_retries", Counter)
END_TO_END = _made("medpulse_end_to_end_seconds", Histogram, buckets=_LONG)
SENDS = _made("medpulse_sends", Counter)


def bounded(name: str, label: str, value: str) -> str:
    """The value, or `OTHER` once the label of this metric has `MOST_VALUES` of them: a series is never made by accident."""
    with _lock:
        told = _told.setdefault((name, label), set())
        if value in told:
            return value
        if len(told) >= MOST_VALUES:
            return OTHER
        told.add(value)
        return value


def introduce(room: str) -> None:
    """Say which room this process is, and of which version."""
    try:
        released = version("medpulse")
    except PackageNotFoundError:
        released = "unknown"
    BUILD.labels(released, room).set(1)


def exposition() -> bytes:
    """Everything this process tells, in Prometheus' text format."""
    return generate_latest(REGISTRY)
