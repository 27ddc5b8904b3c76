"""CSRC's disclosure of prospectuses (eid.csrc.gov.cn): rows of a table that open their PDF by a script.

Known are the rows (``tr[onclick]`` with ``downloadPdf1('http…',``), at least six cells, and that the sixth names the kind of
document; the other columns are found by their header, else by the look of their cells. ``Notice.fields``: ``company``,
``document`` (its kind), ``board``, ``status_text``, ``pdf_url``. Rules: SITES.md, A.8 (CSRC IPO prospectus disclosure).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from events.notice import Attachment, Notice
from scrapers.page import Page, Parsed, Request
from scrapers.platforms import dom, hrefs, walk
from scrapers.platforms.common import each, lacking, notice, read
from scrapers.platforms.tables import squeeze
from scrapers.platforms.walk import Element
from scrapers.source import Source
from scrapers.times import Stated, first_stated, is_date, parse_time

_OPENS = re.compile(r"downloadPdf\w*\(\s*(?:'|\"|&quot;|&#39;)\s*(?P<url>[^'\"]+?)\s*(?:'|\"|&quot;|&#39;)")
_PAGE = re.compile(r"/index(?:_(?P<n>\d+))?_f\.html?$")
_KIND_CELL = 5
_FULL_PAGE = 15
_HEADERS = {
    "company": re.compile(r"企业名称|公司名称|公司全称|发行人|申请人|名称|企业|公司"),
    "document": re.compile(r"类型|文件种类|文件类|材料类|披露类"),
    "board": re.compile(r"板块|上市地|交易所"),
    "when": re.compile(r"日期|时间"),
    "status_text": re.compile(r"状态"),
}
_COMPANY = re.compile(r"公司|集团|银行|(?i:\b(?:inc|ltd|limited|corp)\b)")
_BOARD = re.compile(r"主板|创业板|科创板|中小板|上交所|深交所|证券交易所")
_KIND = re.compile(r"申报稿|注册稿|上会稿|招股|反馈|问询|保荐|法律意见|审计|报告|说明书|预先披露")


@dataclass(frozen=True, slots=True)
class CsrcIpo:
    """``params.columns``: the first pages of the boards, polled one after the other."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first page of the first board."""
        return Request(_columns(source)[0])

    def parse(self, page: Page) -> Parsed:
        """The documents of one page. Raises `ParseError`."""
        decoded = read(page)
        dom.whole(decoded.text)
        # A row around rows belongs to the layout of the page.
        lines = walk.leaves(dom.tree_of(decoded.text).root, ("tr",))
        headers = _headers(lines)
        rows = [tr for tr in lines if _link(tr)]
        if not rows and not headers:
            raise lacking(decoded.text, "the page has no rows that open a PDF (tr[onclick] with downloadPdf1)")
        made = each(rows, lambda row: _row(page, row, headers.get(_table(row), {})), "rows of the table")
        return Parsed(made, {}, _next(page, len(rows)), decoded.replaced)


def _columns(source: Source) -> list[str]:
    columns = source.params.get("columns")
    return columns if isinstance(columns, list) and columns else [source.home]


def _next(page: Page, shown: int) -> Request | None:
    """From the first page of one board to that of the next; from then on through the pages of a board (backfill)."""
    columns = _columns(page.source)
    here = [urlsplit(url).path for url in columns]
    path = urlsplit(page.url).path
    if path in here and len(columns) > 1:
        after = here.index(path) + 1
        return Request(columns[after]) if after < len(columns) else None
    found = _PAGE.search(path)
    if found is None or shown < _FULL_PAGE:
        return None
    return Request(urljoin(page.url, f"index_{int(found['n'] or 1) + 1}_f.html"))


def _table(row: Element) -> Element | None:
    return walk.above(row, ("table",))


def _link(row: Element) -> str:
    """What a click on a row, or on anything in it, opens; empty where it opens no PDF."""
    scripts = (dom.attr(tag, name) for tag in row.iter("*") for name in ("onclick", "href"))
    return next((found["url"] for script in scripts if (found := _OPENS.search(script))), "")


def _cells(row: Element) -> list[str]:
    return [dom.line(cell) for cell in walk.children(row, "td", "th")]


def _headers(rows: list[Element]) -> dict[Element | None, dict[str, int]]:
    """The places of the columns of each table: as the first of its rows that is a header names them."""
    found: dict[Element | None, dict[str, int]] = {}
    for row in rows:
        table = _table(row)
        if table not in found and (places := _header(row)):
            found[table] = places
    return found


def _header(row: Element) -> dict[str, int]:
    """The places of the columns that a header row names; empty for another row."""
    places: dict[str, int] = {}
    for place, said in enumerate(map(squeeze, _cells(row))):
        for key, pattern in _HEADERS.items():
            if key not in places and len(said) <= 12 and pattern.search(said):
                places[key] = place
                break
    return places if len(places) >= 2 and not _link(row) else {}


def _row(page: Page, row: Element, places: dict[str, int]) -> Notice:
    cells, zone = _cells(row), page.source.zone
    named = {key: cells[place] for key, place in places.items() if place < len(cells)}
    url = hrefs.absolute(page.url, _link(row))
    kind = named.get("document") or (cells[_KIND_CELL] if len(cells) > _KIND_CELL else "") or _like(cells, _KIND)
    company = named.get("company") or _like(cells, _COMPANY)
    stated: Stated = first_stated(parse_time(text, zone) for text in (named.get("when"), *cells) if _day(text, page))
    fields = {
        "company": company,
        "document": kind,
        "board": named.get("board") or _like(cells, _BOARD),
        "status_text": named.get("status_text", ""),
        "pdf_url": url,
    }
    title = company if not kind or kind in company else f"{company} {kind}"
    key = urlsplit(url).path + (f"?{query}" if (query := urlsplit(url).query) else "")
    files = [Attachment(name=f"{title}.pdf", url=url)]
    return notice(page, key, url, title, stated, attachments=files, fields=fields)


def _day(text: str | None, page: Page) -> bool:
    return bool(text) and is_date(text or "", page.source.zone)


def _like(cells: list[str], pattern: re.Pattern[str]) -> str:
    return next((text for text in cells if pattern.search(text)), "")
