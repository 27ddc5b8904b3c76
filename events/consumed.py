"""A message as it was read from Kafka."""

from __future__ import annotations

from dataclasses import dataclass

from events.tracing import Trace


@dataclass(frozen=True, slots=True)
class Consumed:
    """One message as it was read. ``offset + 1`` is what to commit once its effect is done.

    ``trace`` is what its header ``traceparent`` says; None where it has none that can be read.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    trace: Trace | None = None
