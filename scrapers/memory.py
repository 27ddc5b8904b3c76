"""What the scrapers remember of one source between polls, beside which of its items were seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import orjson
from pydantic import BaseModel, ConfigDict, Field

from events.base import Message
from events.ids import digest
from events.messages import SourceHealth
from events.notice import Notice
from scrapers.answer import Validators
from scrapers.page import Request
from scrapers.recent import Recent
from scrapers.watch import ListMemory


class PageMemory(BaseModel):
    """A list as it was when all of its items were done. An empty ``digest`` means that some were not: read it again.

    ``digest`` is of the page, ``rows`` of what its items said on the day of that reading (`rows_on`). ``skip`` rows were done
    where the list is too long for one poll: the next one goes on after them.
    """

    model_config = ConfigDict(frozen=True)

    url: str = ""
    validators: Validators = Validators()
    digest: str = ""
    rows: str = ""
    next: Request | None = None
    skip: int = 0


def rows_on(day: date, rows: Iterable[Notice]) -> str:
    """A digest of what the items of a list say on a civil day (Shanghai), whatever stands around them on the page."""
    return digest(day.isoformat(), orjson.dumps([(row.item_key, row.content_hash) for row in rows]))


class Resume(BaseModel):
    """Where going through older pages was cut short: the next request, and how many pages may still follow."""

    model_config = ConfigDict(frozen=True)

    request: Request
    owed: int


class Memory(Message):
    """What is remembered of a source beside its items.

    ``begun`` is set once a list of it was read. ``pages`` holds its lists by their place: ``first``, then by URL; ``lists``
    what stood in them, by the same places. ``resume`` holds the gaps among older pages, the newest first. ``recent`` holds the
    items that were published last, by their keys, and ``news`` the civil days (Shanghai) on which there was something new.
    """

    begun: bool = False
    pages: dict[str, PageMemory] = Field(default_factory=dict)
    lists: dict[str, ListMemory] = Field(default_factory=dict)
    resume: tuple[Resume, ...] = ()
    recent: dict[str, Recent] = Field(default_factory=dict)
    news: tuple[date, ...] = ()
    health: SourceHealth | None = None
