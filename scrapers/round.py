"""The state of one poll while it is under way, and the bounds that it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from events.messages import DeadLetter
from events.notice import Notice
from scrapers.memory import Memory
from scrapers.outcome import Verdict
from scrapers.recent import Flapping, OwnPage
from scrapers.source import Source


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one poll: pages of one list, and items' own pages; what is left over is done by the next poll.

    After ``give_up`` polls in which an item's own page could not be read the row of the list is published as it stands.
    ``backlog`` bounds the pages that are owed after the way through older pages was cut short. The first poll of a source
    takes ``pages`` of its history and no more. ``rows`` bounds what one poll takes of one list.

    ``recent`` items of a source are watched: ``rereads`` of their own pages are read again by a poll, each at most every
    ``reread_after``, until they are ``reread_until`` old.

    ``files`` that items link to are read by one poll, all of an item's or none; 0 reads none ever.
    """

    pages: int = 5
    details: int = 40
    give_up: int = 5
    backlog: int = 200
    rows: int = 2000
    recent: int = 200
    rereads: int = 3
    files: int = 20
    reread_after: timedelta = timedelta(hours=6)
    reread_until: timedelta = timedelta(days=30)
    flapping: Flapping = field(default_factory=Flapping)


@dataclass(slots=True)
class Round:
    """One poll. ``items_seen`` is None until a list was parsed; ``stopped`` once the host should be left alone.

    ``shown`` are the items that lists held in this poll and ``missed`` those that they should have held; ``own`` the own pages
    that were read; ``held`` items that flap and are left as they are. ``notes`` are what people should know of the poll
    whatever its outcome.
    """

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
    files_asked: int = 0
    stopped: bool = False
    shown: set[str] = field(default_factory=set)
    missed: set[str] = field(default_factory=set)
    own: dict[str, OwnPage] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    expected_items: int | None = None
    replaced: int = 0
    notes: list[str] = field(default_factory=list)

    def saw(self, items: int) -> None:
        """Count the items of a list that was gone through."""
        self.items_seen = (self.items_seen or 0) + items

    def expect(self, items: int | None) -> None:
        """Count the items that a list should at least have; None where that is not known."""
        if items:
            self.expected_items = (self.expected_items or 0) + items

    def recall(self, **changes: object) -> None:
        """Change what will be remembered of the source: fields of `Memory`."""
        self.memory = self.memory.model_copy(update=changes)
