"""What is remembered of an item that was published lately: enough to see that it changed, vanished or flaps. Pure.

The notice itself is packed and kept beside this (`pack`), so that the memory of a source stays small.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from events.notice import Attachment, Notice, content_hash
from scrapers.answer import Validators
from scrapers.page import Request

WITHDRAWN = "withdrawn"
"""What is marked as seen in place of the hash of a row that is gone from its list: the row is news when it comes back."""


def dead(row_hash: str) -> str:
    """What is marked as seen for an item whose row still stands and whose own page is gone: the row alone is no news."""
    return f"{WITHDRAWN}:{row_hash}"


MOST_PACKED = 20_000
"""Bytes of one packed notice; a longer one is kept without the text of its attachments, then with a shorter body."""

_MOST_UNPACKED = 16 * 1024 * 1024


class OwnPage(BaseModel):
    """An item's own page as it was last read. An empty ``digest`` says that it never could be."""

    model_config = ConfigDict(frozen=True)

    request: Request
    validators: Validators = Validators()
    digest: str = ""


class Recent(BaseModel):
    """One item. Times are aware, in UTC.

    ``row`` is the hash of its row in the list, ``said`` that of the whole without the text of attachments. ``since`` is when
    it was first published and ``checked`` when its own page was last read. ``missing`` says that the last good list did not
    hold it where it should be, ``dead`` that its own page answered 404 or 410; ``gone`` counts the polls that confirmed
    either. ``changes`` are the times of its latest revisions.
    """

    model_config = ConfigDict(frozen=True)

    row: str
    said: str
    since: datetime
    published_at: datetime | None = None
    own: OwnPage | None = None
    checked: datetime | None = None
    missing: bool = False
    dead: bool = False
    gone: int = 0
    withdrawn: bool = False
    changes: tuple[datetime, ...] = ()

    def but(self, **changes: object) -> Recent:
        """The same with some fields changed."""
        return self.model_copy(update=changes)


@dataclass(frozen=True, slots=True)
class Flapping:
    """An item that changed ``changes`` times within ``window`` is left as it is until the first of them is that long ago."""

    changes: int = 5
    window: timedelta = timedelta(days=3)

    def until(self, recent: Recent | None, now: datetime) -> datetime | None:
        """Until when the item is left as it is; None for one that may be published again."""
        if recent is None or len(recent.changes) < self.changes:
            return None
        end = recent.changes[-self.changes] + self.window
        return end if now < end else None

    def changed(self, before: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
        """The times of the latest revisions with one more."""
        return (*before, now)[-self.changes :]


class Kept(BaseModel):
    """A notice as it was last published. ``row`` is its row in the list, where that is not the whole."""

    model_config = ConfigDict(frozen=True)

    notice: Notice
    row: Notice | None = None


def said_by(notice: Notice) -> str:
    """The hash of what a page says, without the text of the files that it links to."""
    bare = [Attachment(name=file.name, url=file.url, media_type=file.media_type) for file in notice.attachments]
    return content_hash(notice.model_copy(update={"attachments": tuple(bare), "retracted": False}))


def pack(kept: Kept) -> bytes:
    """The notice as few bytes, at most `MOST_PACKED` of them."""
    whole = kept.notice
    bare = whole.model_copy(
        update={"attachments": tuple(file.model_copy(update={"pages": ()}) for file in whole.attachments)}
    )
    short = bare.model_copy(update={"body": whole.body[:5000]})
    least = short.model_copy(update={"body": whole.body[:1000], "rows": (), "attachments": (), "fields": {}})
    for notice in (whole, bare, short):
        if len(packed := _packed(kept.model_copy(update={"notice": notice}))) <= MOST_PACKED:
            return packed
    return _packed(Kept(notice=least.model_copy(update={"title": whole.title[:1000]})))


def unpack(packed: bytes) -> Kept | None:
    """The notice again; None for bytes of another version."""
    try:
        return Kept.model_validate_json(zlib.decompressobj().decompress(packed, _MOST_UNPACKED))
    except (zlib.error, ValidationError):
        return None


def newest(recents: Mapping[str, Recent], most: int) -> dict[str, Recent]:
    """The ``most`` items that were published last."""
    if len(recents) <= most:
        return dict(recents)
    order = sorted(recents, key=lambda key: _age(recents[key]), reverse=True)
    return {key: recents[key] for key in order[:most]}


def _age(recent: Recent) -> tuple[datetime, float]:
    return recent.since, recent.published_at.timestamp() if recent.published_at else 0.0


def _packed(kept: Kept) -> bytes:
    return zlib.compress(kept.model_dump_json().encode(), 6)
