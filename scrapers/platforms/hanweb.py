"""The hanweb CMS of NHSA and many provinces: records as CDATA inside the list page, more of them from ``dataproxy.jsp``.

``Notice.fields``: ``column`` (number of the column in the URL), ``content_source`` (the publisher that the page names),
``index_number`` (索引号), ``province`` (short Chinese name, of a province's site), and those of
`scrapers.platforms.govlist_prices`, whose keys the ``Notice.rows`` of pages with a table of price items have too; another
column keeps its own header. The 文号 of a document is ``Notice.document_number``. Rules: SITES.md, A.3.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from events.notice import Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import documents, dom, hrefs, listing, places, walk
from scrapers.platforms.common import again, details, lacking, notice, query_of, read, with_query
from scrapers.platforms.dom import Tree
from scrapers.platforms.govlist_prices import PRICE_COLUMNS, price_fields
from scrapers.platforms.hanweb_store import stored_rows
from scrapers.platforms.jsons import count
from scrapers.platforms.stated import published
from scrapers.platforms.tables import rows_of
from scrapers.platforms.walk import Element
from scrapers.source import Source
from scrapers.times import first_stated, from_path

_ART = re.compile(r"/art_(?P<column>\d+)_(?P<id>\d+)(?:_\d+)?\.html?$", re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s*(?:<!\[CDATA\[)?\s*(\d{1,9})", re.IGNORECASE)
_UNIT = re.compile(r"unitid['\"]?\s*[=:]\s*['\"]?(\d+)", re.IGNORECASE)
_NEXT_GROUP = re.compile(r"<nextgroup>.*?href\s*=\s*[\"']([^\"']+)", re.DOTALL | re.IGNORECASE)
_BETWEEN = re.compile(
    r"<meta\b[^>]*\bname\s*=\s*[\"']?ContentStart\b[^>]*>(?P<body>.*?)(?:<meta\b[^>]*\bname\s*=\s*[\"']?ContentEnd\b|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_INDEX_NUMBER = re.compile(r"[0-9A-Z]{6,}[-/][0-9A-Z/-]+")
_FOUND_BY = ("span.mu-sp-2", ".mu-sp-2")
_PER_PAGE, _GROUP = 15, 45


@dataclass(frozen=True, slots=True)
class Hanweb:
    """``params.column`` and ``params.unit`` are the CMS's numbers; a unit that the page itself names goes before."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The column's page, which holds the newest records."""
        return Request(source.home)

    def parse(self, page: Page) -> Parsed:
        """A column, an answer of ``dataproxy.jsp``, or an article at ``…/art_<column>_<id>.html``. Raises `ParseError`."""
        decoded = read(page)
        if _ART.search(urlsplit(page.url).path):
            dom.whole(decoded.text)
            return Parsed((_article(page, decoded.text),), replaced=decoded.replaced)
        return _list(page, decoded.text, decoded.replaced)


def _list(page: Page, text: str, replaced: int) -> Parsed:
    rows = _rows(text)
    entries = (listing.item(row, page.url, page.source.zone) for row in rows)
    made = again(page, filter(None, entries), _row, "records")
    own = details(page, made, lambda url: hrefs.same_host(url, page.url) and _ART.search(url))
    return Parsed(made, own, _next(page, text, len(made)), replaced)


def _rows(text: str) -> list[Element]:
    """The records of the data store, or the plain ``li`` of a page that has none."""
    if (stored := stored_rows(text)) is not None:
        return stored
    dom.whole(text)
    tree = dom.tree_of(text)
    linked = [a for a in tree.links if _ART.search(urlsplit(dom.attr(a, "href")).path)]
    rows = dict.fromkeys(row for a in linked if (row := walk.above(a, walk.ROWS)) is not None)
    if not rows and ".default_pgContainer" not in tree.marked:
        raise lacking(text, "the page has neither a data store (<datastore>) nor rows that link to articles (art_…)")
    return list(rows)


def _row(page: Page, entry: listing.Item) -> Notice:
    number = next((found for cell in entry.cells if (found := documents.number(cell))), None)
    index = next((cell for cell in entry.cells if _INDEX_NUMBER.fullmatch(cell)), "")
    return notice(
        page,
        item_key(entry.url, page.url),
        entry.url,
        entry.title,
        entry.stated,
        document_number=number or documents.number_in(entry.title),
        fields=_column(page, entry.url) | {"index_number": index},
    )


def item_key(url: str, home: str) -> str:
    """The identity of an item: the path of an article on its own site, else host, path and query."""
    parts = urlsplit(url)
    path = re.sub(r"/{2,}", "/", parts.path)
    if hrefs.same_host(url, home) and _ART.search(path):
        return path
    return f"{parts.netloc}{path}" + (f"?{parts.query}" if parts.query else "")


def _column(page: Page, url: str) -> dict[str, str]:
    match = _ART.search(urlsplit(url).path)
    return {"column": match["column"] if match else "", "province": str(page.source.params.get("province", ""))}


def _next(page: Page, text: str, shown: int) -> Request | None:
    """The request for the next group of records; None after the last, or where nobody says which column this is."""
    column = str(page.source.params.get("column", ""))
    group = _group(text)
    found = _UNIT.search(text)
    unit = found.group(1) if found else str(page.source.params.get("unit", ""))
    here = query_of(page.url)
    asked = count(here.get("endrecord")) - max(count(here.get("startrecord")), 1) + 1
    done = count(here.get("endrecord")) or shown
    total = _TOTAL.search(text)
    if total is None:
        done = max(done, count(group.get("startrecord")) - 1)
    last = done >= int(total.group(1)) if total else not group and shown < asked
    if not (column and unit and shown) or last:
        return None
    size = group.get("perpage", "")
    size = size if size.isdecimal() and 0 < int(size) <= _GROUP else str(_PER_PAGE)
    where = urljoin(page.url, "/module/web/jpage/dataproxy.jsp")
    url = with_query(where, startrecord=str(done + 1), endrecord=str(done + _GROUP), perpage=size)
    form = {"col": "1", "appid": "1", "webid": "1", "path": "/", "columnid": column, "sourceContentType": "1"}
    form |= {"unitid": unit, "permissiontype": "0"}
    form |= {"webname": str(page.source.params.get("webname", page.source.publisher))}
    return Request(f"{url}#columnid={column}", "POST", {"Referer": page.source.home}, form)


def _group(text: str) -> dict[str, str]:
    """The parameters of the link to the next group of records; none where the store has no such link."""
    found = _NEXT_GROUP.search(text)
    return query_of(html.unescape(found.group(1))) if found else {}


def _article(page: Page, text: str) -> Notice:
    tree = dom.tree_of(text)
    meta, zone = places.metas(tree), page.source.zone
    body = _body(tree, text)
    if body is None:
        raise lacking(text, "the page has no body (#zoom, or between the metas ContentStart and ContentEnd)")
    title = (
        places.first_text(tree, *_FOUND_BY)
        or meta.get("articletitle")
        or places.heading(tree, "h1", "h2", ".title")
        or places.page_title(tree)
    )
    if not title:
        raise ParseError("the page has no title (span.mu-sp-2 or meta ArticleTitle)")
    shown = published(tree, meta, zone, ".date", ".time", ".mu-sp-3", ".xxgk-date")
    stated = first_stated((shown, from_path(page.url, zone)))
    seen, rows = tree.visible(body), rows_of(body, PRICE_COLUMNS)
    said = {"content_source": meta.get("contentsource", "")} | price_fields(title, seen, rows, zone)
    return notice(
        page,
        item_key(page.url, page.url),
        re.split("[?#]", page.url)[0],
        title,
        stated,
        body=seen,
        document_number=documents.number_in(title, seen, tree.seen),
        attachments=documents.attachments(body, tree, hrefs.base_of(tree, page.url)),
        fields=_column(page, page.url) | said,
        rows=rows,
    )


def _body(tree: Tree, text: str) -> Element | None:
    """The body: ``#zoom``, what stands between the two metas, or a place where other sites of the family keep it."""
    zoom = places.fullest(tree, "#zoom")
    if zoom is not None and walk.bears(zoom, "a", "img"):
        return zoom
    if (between := _BETWEEN.search(text)) and walk.says(held := dom.tree_of(f"<div>{between['body']}</div>").root):
        return held
    other = places.fullest(tree, *places.BODIES)
    return other if other is not None and walk.says(other) else None
