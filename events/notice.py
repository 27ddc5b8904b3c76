"""A notice: what one item of one source said, before anybody has judged what it means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Self

import orjson
from pydantic import Field, model_validator

from events.base import Message, Precision, UtcDatetime
from events.ids import digest


class ArchivePointer(Message):
    """Where the response is kept: the WARC file's name, the offset of its record in bytes, and the record's id."""

    file: str
    offset: Annotated[int, Field(ge=0)]
    record_id: str


class AttachmentPage(Message):
    """The text of one page (PDF), sheet (workbook) or of the whole (other documents); ``number`` counts from 1."""

    number: Annotated[int, Field(ge=1)]
    text: str


class Attachment(Message):
    """A file that the page links to: its name as shown, its absolute URL, and its text where it was read.

    ``pages`` holds what was taken of the text, in order, and ``pages_total`` how many pages the file has: where they are more,
    the file was too long for a message and the pages likeliest to state facts were taken. ``unread`` says why a file that was
    asked for has no text; both are empty where nobody asked for it. ``archive`` is where the file itself is kept.
    """

    name: str
    url: str
    media_type: str | None = None
    pages: tuple[AttachmentPage, ...] = ()
    pages_total: Annotated[int, Field(ge=0)] | None = None
    unread: str | None = None
    archive: ArchivePointer | None = None


class Notice(Message):
    """One item of one source.

    ``item_key`` is the item's identity on its site (a URL path, a project number); ``fields`` holds the columns that the
    page states for the item and ``rows`` the table inside it, both under the names of ``docs/data-dictionary.md``.
    ``published_at`` is None where the page states no time; with precision ``day`` it is the first instant of that civil day
    in the zone of the source. ``same_as`` is the notice that this one was
    found to be a copy of. ``illustrative`` marks rows that exist only to complete a published total (the demo).
    """

    notice_id: str
    source_id: str
    item_key: str
    url: str
    title: str
    body: str = ""
    published_at: UtcDatetime | None = None
    published_precision: Precision | None = None
    document_number: str | None = None
    attachments: tuple[Attachment, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)
    rows: tuple[dict[str, str], ...] = ()
    detected_at: UtcDatetime
    archive: ArchivePointer | None = None
    revision: Annotated[int, Field(ge=1)] = 1
    retracted: bool = False
    illustrative: bool = False
    content_hash: str = ""
    same_as: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.published_at is None) != (self.published_precision is None):
            raise ValueError("published_at and published_precision are given together or not at all")
        if not self.content_hash:
            object.__setattr__(self, "content_hash", content_hash(self))
        return self

    @classmethod
    def unchecked(cls, said: Mapping[str, Any]) -> Notice:
        """As ``Notice(**said)`` for values that need no check: of the very types of their fields, times in UTC."""
        made = cls._of({**_BLANK, **said}, _names(tuple(said)))
        object.__setattr__(made, "content_hash", content_hash(made))
        return made


_BLANK = {name: field.get_default(call_default_factory=True) for name, field in Notice.model_fields.items()}
"""Every field in its order; those that are required hold what no notice has."""


@lru_cache(maxsize=64)
def _names(of: tuple[str, ...]) -> set[str]:
    """Held once for all notices of which the same was said: a set takes more memory than the texts of a row."""
    return set(of)


class NoticeBatch(Message):
    """The envelope of the inner topics: the notices of one poll, bounded by count and bytes (Faust pays per message)."""

    batch_id: str
    source_id: str
    notices: tuple[Notice, ...]


def content_hash(notice: Notice) -> str:
    """A digest of what the item says (not of when or where it was seen): equal means "nothing was changed"."""
    said = orjson.dumps(
        [
            notice.title,
            notice.body,
            notice.published_at,
            notice.document_number,
            sorted(map(_said_by, notice.attachments)),
            notice.fields,
            notice.rows,
            notice.retracted,
        ],
        option=orjson.OPT_SORT_KEYS,
    )
    return digest(said)


def _said_by(file: Attachment) -> str:
    """A file that was not read counts by its URL alone, so that hashes written before files were read still hold."""
    return file.url if not file.pages else f"{file.url}#{digest(orjson.dumps([page.text for page in file.pages]))}"
