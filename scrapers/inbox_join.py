"""Pages that were saved together, joined: rows of lists with the items' own pages among them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from events.notice import ArchivePointer, Notice
from scrapers.merge import merged, own_notice, placed
from scrapers.page import Parsed, ParseError
from scrapers.source import Source, catalog, owner


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved page that was archived and parsed."""

    source: Source
    url: str
    pointer: ArchivePointer
    parsed: Parsed


@dataclass(slots=True)
class Ready:
    """What a page has to say. ``bare`` are rows whose own pages were not saved with it.

    ``hashes`` are those of the rows of ``notices``, by item key: what a poll remembers once they are published.
    """

    notices: list[Notice] = field(default_factory=list)
    bare: list[Notice] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)


def joined(pages: Sequence[Saved]) -> list[Ready]:
    """What each of the pages has to say, in their order. A row that is joined is said by the item's own page."""
    ready = [Ready() for _ in pages]
    rows: dict[str, tuple[int, Notice]] = {}
    at: dict[tuple[str, str], str] = {}
    for number, page in enumerate(pages):
        for row in page.parsed.notices:
            if (request := page.parsed.details.get(row.item_key)) is not None:
                rows[row.notice_id] = (number, placed(row, page.pointer, ()))
                at[page.source.id, request.url] = row.notice_id
    for page, said in zip(pages, ready, strict=True):
        ident = _row_of(page, rows, at)
        whole = _whole(rows[ident][1], page) if ident else None
        if ident and whole:
            said.notices, said.hashes = [whole], {whole.item_key: rows.pop(ident)[1].content_hash}
            continue
        others = [one for one in page.parsed.notices if one.item_key not in page.parsed.details]
        said.notices = [placed(one, page.pointer, ()) for one in others]
        if page.parsed.details or not page.source.details:
            said.hashes = {one.item_key: one.content_hash for one in others}
    for number, row in rows.values():
        ready[number].bare.append(row)
    return ready


def _row_of(page: Saved, rows: dict[str, tuple[int, Notice]], at: dict[tuple[str, str], str]) -> str | None:
    """The row to which a page belongs as its own: by its URL, or by its item."""
    if page.parsed.details:
        return None
    by_url = at.get((page.source.id, page.url))
    if by_url in rows:
        return by_url
    return next((one.notice_id for one in page.parsed.notices if one.notice_id in rows), None)


def _whole(row: Notice, page: Saved) -> Notice | None:
    try:
        return placed(merged(row, own_notice(row, page.parsed)), page.pointer, ())
    except ParseError:
        return None


def attached_to(url: str) -> Source | None:
    """The source to which a document at ``url`` belongs: that of its URL, else one of its host, else one of its site."""
    if (found := owner(url)) is not None:
        return found
    host = urlsplit(url).hostname or ""
    homes = [(urlsplit(source.home).hostname or "", source) for source in catalog().values()]
    same = [source for home, source in homes if home == host]
    near = [source for home, source in homes if site_of(host) and site_of(home) == site_of(host)]
    return next(iter([*same, *near]), None)


def site_of(host: str) -> str:
    """What the hosts of one site share: ``cninfo.com.cn`` of ``static.cninfo.com.cn``. Empty for an address or a bare name."""
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit():
        return ""
    public = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in {"com", "gov", "org", "net", "edu", "co", "go"}
    return ".".join(labels[-3:] if public else labels[-2:])
