"""PMDA (Japan): a page with a table of approvals and their PDFs. Its markup was not seen, so that little is taken for granted.

A row is a table row that links to a PDF; its cells are named by the header where that is known in Japanese or English, and
keep their own header where it is not. ``Notice.fields``: ``product_name``, ``company``, ``certificate_number``, ``approved_on``
(``YYYY-MM-DD``), ``pdf_url``. Nothing is counted as a clearance: no number was ever seen. Rules: SITES.md, A.9 ([G]).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from events.notice import Attachment, Notice
from scrapers.page import Page, Parsed, Request
from scrapers.platforms import dom, hrefs, walk
from scrapers.platforms.common import each, lacking, notice, read
from scrapers.platforms.tables import grid, squeeze
from scrapers.platforms.walk import Element
from scrapers.source import Source
from scrapers.text import one_line
from scrapers.times import UNKNOWN, Stated, iso_day, parse_time

_PDF = re.compile(r"\.pdf$", re.IGNORECASE)
_NAMES = {
    "product_name": re.compile(r"販売名|品目名|製品名|brand|trade|product|device", re.IGNORECASE),
    "company": re.compile(r"申請者|企業|会社|製造販売業者|applicant|company|holder", re.IGNORECASE),
    "certificate_number": re.compile(r"承認番号|approval\s*n", re.IGNORECASE),
    "approved_on": re.compile(r"承認日|承認年月日|approval\s*date|date", re.IGNORECASE),
}
_ERAS = {"令和": 2018, "平成": 1988, "R": 2018, "H": 1988}
_ERA = re.compile(
    r"(?P<era>令和|平成|\bR|\bH)\s*(?P<y>\d{1,2}|元)\s*(?:年|[.\-/])\s*(?P<m>\d{1,2})\s*(?:月|[.\-/])\s*(?P<d>\d{1,2})\s*日?"
)


@dataclass(frozen=True, slots=True)
class Pmda:
    """The one page."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The page."""
        return Request(source.home)

    def parse(self, page: Page) -> Parsed:
        """The rows of its tables that link to a PDF. Raises `ParseError`."""
        decoded = read(page)
        dom.whole(decoded.text)
        tree = dom.tree_of(decoded.text)
        base = hrefs.base_of(tree, page.url)
        tables = walk.leaves(tree.root, ("table",))  # not those of the layout
        found = [(tr, cells, header) for table in tables for tr, cells, header in _table(table)]
        rows = [(tr, cells, header) for tr, cells, header in found if _files(tr, base)]
        if not rows:
            raise lacking(decoded.text, "the page has no table with links to PDFs")
        return Parsed(each(rows, lambda row: _row(page, base, *row), "rows of the table"), replaced=decoded.replaced)


def _table(table: Element) -> list[tuple[Element, list[str], list[str]]]:
    """The rows of a table, each with its cells and the header above it."""
    lines, rows = grid(table), walk.every(table, "tr")
    at = next((i for i, cells in enumerate(lines) if _is_header(cells)), None)
    header = lines[at] if at is not None else []
    return [(tr, cells, header) for i, (tr, cells) in enumerate(zip(rows, lines, strict=True)) if at is None or i > at]


def _is_header(cells: list[str]) -> bool:
    named = [key for key, pattern in _NAMES.items() if any(pattern.search(cell) for cell in cells if len(cell) <= 40)]
    return len(named) >= 2


def _files(row: Element, base: str) -> list[Attachment]:
    found = ((dom.line(a), hrefs.href(base, a)) for a in walk.links(row))
    return [
        Attachment(name=name or unquote(url.rpartition("/")[2]), url=url)
        for name, url in found
        if _PDF.search(urlsplit(url).path)
    ]


def _row(page: Page, base: str, row: Element, cells: list[str], header: list[str]) -> Notice:
    files, zone = _files(row, base), page.source.zone
    fields = {key: _cell(pattern, cells, header) for key, pattern in _NAMES.items()}
    stated = _day(fields["approved_on"], page)
    if stated[0] is None:
        stated = next((day for cell in cells if (day := _day(cell, page))[0] is not None), UNKNOWN)
    fields |= {"approved_on": iso_day(stated, zone), "pdf_url": files[0].url}
    title = fields["product_name"] or files[0].name
    return notice(page, urlsplit(files[0].url).path, files[0].url, title, stated, attachments=files, fields=fields)


def _cell(pattern: re.Pattern[str], cells: list[str], header: list[str]) -> str:
    place = next((i for i, said in enumerate(header) if pattern.search(said)), len(cells))
    return one_line(cells[place]) if place < len(cells) else ""


def _day(text: str, page: Page) -> Stated:
    """A day in Western or Japanese years."""
    if era := _ERA.search(squeeze(text)):
        year = _ERAS[era["era"]] + (1 if era["y"] == "元" else int(era["y"]))
        text = f"{year}-{era['m']}-{era['d']}"
    return parse_time(text, page.source.zone)
