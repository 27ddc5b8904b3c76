"""A row of a list and the page of its own that it links to, as one notice. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from events.notice import ArchivePointer, Notice
from scrapers.page import Parsed, ParseError

T = TypeVar("T")
EVERY = "*"


def placed(row: Notice, pointer: ArchivePointer | None, marks: Collection[str]) -> Notice:
    """The row with where it is kept, and marked where the simulator says that it only completes a total."""
    marked = row.illustrative or EVERY in marks or row.item_key in marks
    return row.model_copy(update={"archive": pointer, "illustrative": marked})


def own_notice(row: Notice, detail: Parsed) -> Notice:
    """The notice of an item's own page that speaks of ``row``. Raises `ParseError` where there is none, or no telling."""
    found = [notice for notice in detail.notices if notice.item_key == row.item_key] or list(detail.notices)
    if len(found) != 1:
        raise ParseError(f"the page of {row.item_key} holds {len(found)} items where one was expected")
    return found[0]


def merged(row: Notice, own: Notice) -> Notice:
    """The two as one: the identity of the row, what the item's own page says, and from the row what that does not say.

    The time of publication is the page's own. The hash is that of the whole, so that upstream a change of either is one.
    """
    stated = own if own.published_at is not None else row
    whole = {
        "title": _first(own.title, row.title),
        "url": _first(own.url, row.url),
        "body": _first(own.body, row.body),
        "published_at": stated.published_at,
        "published_precision": stated.published_precision,
        "document_number": _first(own.document_number, row.document_number),
        "attachments": _first(own.attachments, row.attachments),
        "fields": {**row.fields, **own.fields},
        "rows": _first(own.rows, row.rows),
        "content_hash": "",
    }
    return Notice.model_validate(dict(row) | whole)


def _first(own: T, row: T) -> T:
    return own or row
