"""A message as it was read from Kafka."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consumed:
    """One message as it was read. ``offset + 1`` is what to commit once its effect is done."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
