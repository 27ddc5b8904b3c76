"""Dead letters: what could not be taken, whole where it fits, with the reason."""

from __future__ import annotations

from datetime import datetime

from events.consumed import Consumed
from events.messages import DeadLetter
from events.topics import MAX_MESSAGE_BYTES
from events.wire import Record

MOST_ORIGINAL = 1024 * 1024
"""Bytes of the original that a dead letter keeps: base64 and gzip included, it always fits into a message."""

FRAMING = 4096


def dead_letter(message: Consumed, stage: str, reason: str, error: BaseException, at: datetime) -> DeadLetter:
    """The dead letter of a message. An original over `MOST_ORIGINAL` is cut, and the reason says so."""
    cut = len(message.value) > MOST_ORIGINAL
    return DeadLetter(
        stage=stage,
        reason=f"{reason} (the original of {len(message.value)} bytes was cut)" if cut else reason,
        error=f"{type(error).__name__}: {error}"[:2000],
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        original=message.value[:MOST_ORIGINAL],
        at=at,
    )


def fits(one: Record) -> bool:
    """Whether a broker would take the record: key, value and headers within `MAX_MESSAGE_BYTES`, with room for framing."""
    headers = sum([len(name) + len(value) for name, value in one.headers])
    return len(one.key) + len(one.value) + headers + FRAMING <= MAX_MESSAGE_BYTES


def too_large(one: Record, stage: str, at: datetime) -> DeadLetter:
    """The dead letter of a record that was never sent, for it would not fit. Its offset is 0: it has none."""
    message = Consumed(one.topic.name, 0, 0, one.key[:FRAMING], one.value)
    return dead_letter(message, stage, "too large for a message", ValueError(f"{len(one.value)} bytes"), at)
