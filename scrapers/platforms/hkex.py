"""HKEX: application proofs and post-hearing information packs (PHIP) as static JSON, one file per state of the application.

``Notice.fields`` as in `scrapers.platforms.projects`, and ``status`` (``application``, ``phip``, ``listed``, ``inactive``,
``returned``), ``marker`` (``B`` for an 18A biotech, ``P`` for 18C, …, taken off the company's name), ``document`` (the name
of the newest application document), ``posted_on``. ``raw_status`` is the code A, LT or IR. ``published_at`` is the day on
which the application reached this state, or where that is not said, the day of the application; ``updated_on`` that of its
newest document. Rules: SITES.md, A.6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from events.notice import Attachment, Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import hrefs, jsons
from scrapers.platforms.common import each, notice
from scrapers.platforms.projects import without_marker
from scrapers.source import Source
from scrapers.times import Stated, first_stated, iso_day, parse_time

_FILES = "https://www1.hkexnews.hk/app/"
_INDEX = "https://www1.hkexnews.hk/app/appindex.html"
_NAME = re.compile(
    r"/app(?P<state>active|inactive|listed|returned)(?:_app(?P<phip>phip)?)?(?:_(?P<board>sehk|gem))?(?:_\w)?\.json$",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b\d{4,5}\b")
_BOARDS = {"sehk": "Main Board", "gem": "GEM"}
_STATES = {"LT": "listed", "IR": "inactive", "R": "returned"}


@dataclass(frozen=True, slots=True)
class Hkex:
    """``params.files``: the URLs of the JSON files, polled one after the other."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first of the files."""
        return Request(_files(source)[0])

    def parse(self, page: Page) -> Parsed:
        """The applications of one file; which state and board it is of, its name says. Raises `ParseError`."""
        value, replaced = jsons.load(page)
        answer = jsons.mapping(value, "the answer")
        if "app" not in answer:
            raise ParseError("the answer has no app")
        kind = _NAME.search(urlsplit(page.url).path)
        rows = jsons.items(answer["app"], "app")
        return Parsed(each(rows, lambda row: _row(page, row, kind), "applications"), {}, _next(page), replaced)


def _files(source: Source) -> list[str]:
    files = source.params.get("files")
    return files if isinstance(files, list) and files else [source.home]


def _next(page: Page) -> Request | None:
    """The file after this one, so that one poll sees them all."""
    files = _files(page.source)
    here = [urlsplit(url).path for url in files]
    path = urlsplit(page.url).path
    after = here.index(path) + 1 if path in here else len(files)
    return Request(files[after]) if after < len(files) else None


def _row(page: Page, value: object, kind: re.Match[str] | None) -> Notice:
    row, zone = jsons.mapping(value, "an application"), page.source.zone
    ident, name, raw = jsons.text_of(row, "id"), jsons.words_of(row, "a"), jsons.text_of(row, "s")
    documents = _documents(page, row)
    company, marker = without_marker(name)
    newest = documents[-1] if documents else {}
    stock = _CODE.search(jsons.text_of(row, "st"))
    fields = {
        "exchange": "HKEX",
        "project_id": ident,
        "company": company,
        "marker": marker,
        "raw_status": raw,
        "status": _status(row, raw, kind),
        "board": _BOARDS.get(((kind and kind["board"]) or "").casefold(), ""),
        "stock_code": stock.group() if stock else "",
        "document": next((said for d in reversed(documents) if (said := jsons.text_of(d, "nF"))), ""),
        "accepted_on": iso_day(_day(page, row), zone),
        "updated_on": iso_day(_day(page, newest), zone),
        "posted_on": iso_day(_posted(page, row), zone),
    }
    stated = _stated(page, row, fields["status"])
    return notice(page, ident, _main(documents), name, stated, attachments=_attachments(documents), fields=fields)


def _entries(value: object) -> list[dict[str, Any]]:
    """The entries of ``ls`` or ``ps``: a list, or one entry alone; null and the empty string are none."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _documents(page: Page, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of an application, the oldest first."""
    documents = [d for key in ("ls", "ps") for d in _entries(row.get(key))]
    return sorted(documents, key=lambda document: iso_day(_day(page, document), page.source.zone))


def _day(page: Page, row: dict[str, Any]) -> Stated:
    return parse_time(jsons.text_of(row, "d"), page.source.zone)


def _posted(page: Page, row: dict[str, Any]) -> Stated:
    return parse_time(jsons.text_of(row, "postingDate"), page.source.zone)


def _stated(page: Page, row: dict[str, Any], status: str) -> Stated:
    """The day on which the application reached its state, as far as HKEX says: else the day of the application."""
    applied = _day(page, row)
    if status == "application":
        return applied
    packs = [d for d in _documents(page, {"ps": row.get("ps")}) if _day(page, d)[0] is not None]
    heard = _day(page, packs[-1]) if packs else applied
    return heard if status == "phip" else first_stated((_posted(page, row), heard))


def _status(row: dict[str, Any], raw: str, kind: re.Match[str] | None) -> str:
    """The state in words: what the file's name says of an application that is over, else its code, else its documents."""
    state = kind["state"].casefold() if kind else ""
    if state in {"inactive", "listed", "returned"}:
        return state
    if raw in _STATES:
        return _STATES[raw]
    heard = bool(kind and kind["phip"]) or jsons.truth(row.get("hasPhip")) or bool(_entries(row.get("ps")))
    return "phip" if heard else "application"


def _main(documents: list[dict[str, Any]]) -> str:
    """The newest application document that has a file; the index of all applications where there is none."""
    full = [d for d in documents if jsons.text_of(d, "nF") and jsons.text_of(d, "u1", "u2")] or documents
    path = next((found for d in reversed(full) if (found := jsons.text_of(d, "u1", "u2"))), "")
    return hrefs.joined(_FILES, path) if path else _INDEX


def _attachments(documents: list[dict[str, Any]]) -> list[Attachment]:
    found: dict[str, Attachment] = {}
    for document in documents:
        for name, path in (("nS1", "u1"), ("nS2", "u2")):
            if where := jsons.text_of(document, path):
                said = " ".join(filter(None, (jsons.text_of(document, "nF"), jsons.text_of(document, name))))
                url = hrefs.joined(_FILES, where)
                found.setdefault(url, Attachment(name=said or url.rpartition("/")[2], url=url))
    return list(found.values())
