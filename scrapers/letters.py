"""Dead letters of the scrapers: pages that could not be parsed and notices that no message can hold."""

from __future__ import annotations

from events.clock import Clock
from events.messages import DeadLetter, Outcome
from events.topics import MAX_MESSAGE_BYTES
from events.wire import Record
from scrapers.answer import Fetched
from scrapers.outcome import Verdict
from scrapers.reading import Reading
from scrapers.source import Source

_ENVELOPE = 64 * 1024
LARGEST_MESSAGE = MAX_MESSAGE_BYTES - _ENVELOPE
"""Bytes of a value that surely fit into a message with its key and headers."""

LARGEST_ORIGINAL = (MAX_MESSAGE_BYTES - 2 * _ENVELOPE) * 3 // 4
"""Bytes of a page that fit into a dead letter: it carries them as Base64, four for three."""


class Letters:
    """Writes dead letters. A page that stays as unreadable as it was is told once per process, not at every poll."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, str] = {}

    def unreadable(self, source: Source, reading: Reading, verdict: Verdict) -> list[DeadLetter]:
        """The letter for a page in the wrong shape, with its bytes; none for another fault, or one that was told."""
        if verdict.outcome not in {Outcome.DRIFTED, Outcome.MALFORMED} or not isinstance(reading.answer, Fetched):
            return []
        if self._told.get(reading.answer.url) == reading.digest:
            return []
        self._told[reading.answer.url] = reading.digest
        pointer = reading.pointer
        return [
            self._letter(source, verdict, reading.answer.url, pointer.offset if pointer else 0, reading.answer.content)
        ]

    def too_large(self, source: Source, record: Record) -> DeadLetter:
        """The letter for a notice whose message would be larger than a topic takes, with the beginning of it."""
        verdict = Verdict(Outcome.MALFORMED, f"a message of {len(record.value)} bytes is too large for its topic")
        return self._letter(source, verdict, record.topic.name, 0, record.value)

    def _letter(self, source: Source, verdict: Verdict, topic: str, offset: int, original: bytes) -> DeadLetter:
        return DeadLetter(
            stage="parse",
            reason=verdict.outcome.value,
            error=verdict.detail,
            topic=topic,
            partition=0,
            offset=offset,
            key=source.id.encode(),
            original=original[:LARGEST_ORIGINAL],
            at=self._clock.now(),
        )


def fits(record: Record) -> bool:
    """Whether a message is small enough for its topic."""
    return len(record.value) <= LARGEST_MESSAGE
