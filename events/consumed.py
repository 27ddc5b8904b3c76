"""A message as it was read from Kafka."""

from __future__ import annotations

from typing import NamedTuple

from events.tracing import Trace


class Consumed(NamedTuple):
    """One message as it was read. ``offset + 1`` is what to commit once its effect is done.

    ``trace`` is what its header ``traceparent`` says; None where it has none that can be read.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    trace: Trace | None = None
