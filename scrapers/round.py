"""The state of one poll while it is under way, and the bounds that it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.messages import DeadLetter
from events.notice import Notice
from scrapers.outcome import Verdict
from scrapers.seen import Memory
from scrapers.source import Source


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one poll: pages of one list, and items' own pages; what is left over is done by the next poll.

    After ``give_up`` polls in which an item's own page could not be read the row of the list is published as it stands.
    ``backlog`` bounds the pages that are owed after the way through older pages was cut short. The first poll of a source
    takes ``pages`` of its history and no more.
    """

    pages: int = 5
    details: int = 40
    give_up: int = 5
    backlog: int = 200


@dataclass(slots=True)
class Round:
    """One poll. ``items_seen`` is None until a list was parsed; ``stopped`` once the host should be left alone."""

    source: Source
    limits: Limits
    memory: Memory = field(default_factory=Memory)
    loaded: bool = False
    url: str = ""
    items_seen: int | None = None
    published: list[Notice] = field(default_factory=list)
    faults: list[Verdict] = field(default_factory=list)
    problems: list[Verdict] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    details_asked: int = 0
    stopped: bool = False

    def recall(self, **changes: object) -> None:
        """Change what will be remembered of the source: fields of `Memory`."""
        self.memory = self.memory.model_copy(update=changes)
