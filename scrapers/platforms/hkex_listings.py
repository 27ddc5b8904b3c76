"""HKEX: the table of new listings.

``Notice.fields``: ``exchange`` (HKEX), ``stock_code`` (as stated, without leading zeros), ``company``, ``marker``, ``board``,
``status`` (``new_listing``), ``updated_on`` (of the row's newest document). ``published_at`` is the day of its oldest
document, which only the document's URL states. Rules: SITES.md, A.6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from events.base import Precision
from events.notice import Attachment, Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import dom, hrefs, walk
from scrapers.platforms.common import each, lacking, notice, read
from scrapers.platforms.projects import without_marker
from scrapers.platforms.walk import Element
from scrapers.source import Source
from scrapers.times import UNKNOWN, Stated, from_path, iso_day

_CODE, _NAME = (
    re.compile(r"stock\s*code|股份代號|股份代号|代號", re.IGNORECASE),
    re.compile(r"stock\s*name|股份名稱|股份名称|名稱", re.IGNORECASE),
)
_DIGITS = re.compile(r"(?P<code>\d{1,5})(?:\s*[/,、]?\s*\d{5})*")  # a counter in renminbi has a code of its own
_LABEL = re.compile(
    r"^\s*(?:stock\s*(?:short\s*)?(?:code|name)|股份代[號号]|股份(?:簡稱|名稱))\s*[:：]\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class HkexListings:
    """The companies that are about to list or have just listed, one row each."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The page of the board."""
        return Request(source.home)

    def parse(self, page: Page) -> Parsed:
        """The rows of the table. Raises `ParseError`."""
        decoded = read(page)
        dom.whole(decoded.text)
        root = dom.tree_of(decoded.text).root
        notices: list[Notice] = []
        seen = False
        for table in root.iter("table"):
            rows = [tr for tr in table.iterdescendants("tr") if not walk.holds(tr, ("table",))]
            header = next((i for i, tr in enumerate(rows) if _place(tr, _CODE) >= 0 and _place(tr, _NAME) >= 0), None)
            if header is not None:
                found = _Table(page, _titles(rows[header]), _place(rows[header], _CODE), _place(rows[header], _NAME))
                body = [(code, tr) for tr in rows[header + 1 :] if (code := found.code_of(tr))]
                notices += each(body, found.row, "rows of the table")
                seen = True
        if not seen:
            raise lacking(decoded.text, "the page has no table with the columns Stock Code and Stock Name")
        once: dict[str, Notice] = {}
        for made in notices:
            once.setdefault(made.item_key, made)
        return Parsed(tuple(once.values()), replaced=decoded.replaced)


def _cells(row: Element) -> list[Element]:
    return walk.children(row, "td", "th")


def _said(cell: Element) -> str:
    """The text of a cell without the label that the page shows in it on a narrow screen."""
    return _LABEL.sub("", dom.line(cell))


def _titles(row: Element) -> list[str]:
    return [dom.line(cell) for cell in _cells(row)]


def _place(row: Element, name: re.Pattern[str]) -> int:
    return next((i for i, title in enumerate(_titles(row)) if name.search(title)), -1)


@dataclass(frozen=True, slots=True)
class _Table:
    """The table with its header: what its columns are called, and which hold the code and the name."""

    page: Page
    titles: list[str]
    code: int
    name: int

    def code_of(self, row: Element) -> str:
        """The stock code of a row; empty for a row that has none (a caption, a remark)."""
        cells = _cells(row)
        match = _DIGITS.fullmatch(_said(cells[self.code])) if len(cells) > max(self.code, self.name) else None
        return match["code"] if match else ""

    def row(self, coded: tuple[str, Element]) -> Notice:
        """The notice of one row, which comes with its stock code."""
        code, row = coded
        cells, zone = _cells(row), self.page.source.zone
        name = _said(cells[self.name])
        if not name:
            raise ParseError("a row without the name of its company")
        own = {self.code, self.name}
        files = [file for i, cell in enumerate(cells) if i not in own for file in self._files(i, cell)]
        days = sorted(at for f in files if (at := from_path(f.url, zone)[0]) is not None)
        company, marker = without_marker(name)
        fields = {
            "exchange": "HKEX",
            "stock_code": code,
            "company": company,
            "marker": marker,
            "board": "GEM" if "gem" in urlsplit(self.page.url).path.casefold() else "Main Board",
            "status": "new_listing",
            "updated_on": iso_day((days[-1], Precision.DAY), zone) if days else "",
        }
        where = files[0].url if files else self.page.url
        stated: Stated = (days[0], Precision.DAY) if days else UNKNOWN
        return notice(self.page, code, where, name, stated, attachments=files, fields=fields)

    def _files(self, place: int, cell: Element) -> list[Attachment]:
        title = self.titles[place] if place < len(self.titles) else ""
        urls = (hrefs.href(self.page.url, a) for a in walk.links(cell))
        return [Attachment(name=title or url.rpartition("/")[2], url=url) for url in urls if url]
