"""Dead letters of the scrapers: pages that could not be parsed and notices that no message can hold."""

from __future__ import annotations

from events.clock import Clock
from events.consumed import Consumed
from events.dead import dead_letter, fits, too_large
from events.messages import DeadLetter, Outcome
from events.wire import Record
from scrapers.answer import Fetched
from scrapers.outcome import Verdict
from scrapers.reading import Reading
from scrapers.source import Source

STAGE = "parse"
__all__ = ["Letters", "fits"]


class Letters:
    """Writes dead letters. A page that stays as unreadable as it was is told once per process, not at every poll."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, str] = {}

    def unreadable(self, source: Source, reading: Reading, verdict: Verdict) -> list[DeadLetter]:
        """The letter for a page in the wrong shape, with its bytes; none for another fault, or one that was told."""
        answer = reading.answer
        if verdict.outcome not in {Outcome.DRIFTED, Outcome.MALFORMED} or not isinstance(answer, Fetched):
            return []
        if self._told.get(answer.url) == reading.digest:
            return []
        self._told[answer.url] = reading.digest
        offset = reading.pointer.offset if reading.pointer else 0
        page = Consumed(answer.url, 0, offset, source.id.encode(), answer.content)
        letter = dead_letter(page, STAGE, verdict.outcome.value, ValueError(verdict.detail), self._clock.now())
        return [letter.model_copy(update={"error": verdict.detail})]

    def too_large(self, source: Source, record: Record) -> DeadLetter:
        """The letter for a notice whose message would be larger than a topic takes, with the beginning of it."""
        return too_large(record, STAGE, self._clock.now()).model_copy(update={"key": source.id.encode()})
