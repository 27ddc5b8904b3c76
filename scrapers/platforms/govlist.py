"""Sites of provincial bureaus: a list of dated links, and articles with title, date, body and attachments.

The families of CMS differ in the paths of their articles and in how they number the pages of a list; `GovList` is the
reader of them all, and by itself the generic one for hosts whose markup has not been seen. ``params``: ``province``
(short Chinese name), ``columns`` (first pages of the lists), ``body`` (selectors that go before the usual ones).

``Notice.fields``: ``province``, ``column`` (path), ``content_source``, ``index_number``, and what
`scrapers.platforms.govlist_prices` finds; its keys of ``Notice.rows`` too. Rules: SITES.md, A.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from events.notice import Notice
from scrapers.page import Page, Parsed, Request
from scrapers.platforms import documents, dom, hrefs, listing, places, walk
from scrapers.platforms.common import again, details, lacking, notice, read
from scrapers.platforms.dom import Tree
from scrapers.platforms.govlist_prices import PRICE_COLUMNS, price_fields
from scrapers.platforms.govlist_rows import ARTICLE, entries, is_list, item_key, items, url_day
from scrapers.platforms.hanweb_store import stored_rows
from scrapers.platforms.stated import published
from scrapers.platforms.tables import rows_of
from scrapers.platforms.walk import Element
from scrapers.source import Source
from scrapers.times import Stated, civil_day, first_stated, parse_time

_INDEX_NUMBER = re.compile(r"[0-9A-Z]{6,}[-/][0-9A-Z/-]+")
_LABELLED = re.compile(r"(?:日期|时间)\s*[:：]\s*([^\n]{8,40})")
_PLACES = (".date", ".time", ".pubtime", ".publish-time", ".pub-time", "#pubtime", "#pubDate", "time", ".xxgk-date")
_TITLES = ("h1", ".article-title", ".con_title", "h2.title", "h2", ".title", "h3")
_FULL_PAGE = 15
_ART = re.compile(r"/art_(\d+)_\w+\.", re.IGNORECASE)
_DAY_FOLDERS = re.compile(r"(?:/(?:19|20)\d{2}(?:-?\d{2}){0,2}(?:/\d{1,2}){0,2})$|/content$")


@dataclass(frozen=True, slots=True)
class GovList:
    """``article``: the paths of articles. ``second``: the number in the URL of a list's second page, None where unknown.

    A link that says 下一页 goes before a number that is worked out. ``last_cell``: see `govlist_rows.items`.
    """

    article: re.Pattern[str] = ARTICLE
    second: int | None = None
    last_cell: bool = False

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first page of the first column."""
        return Request(_columns(source)[0])

    def parse(self, page: Page) -> Parsed:
        """An article, at a URL of one, or a list. Raises `ParseError`."""
        decoded = read(page)
        dom.whole(decoded.text)
        tree, path = dom.tree_of(decoded.text), urlsplit(page.url).path
        if self.article.search(path) or (ARTICLE.search(path) and not is_list(page.url)):
            return Parsed((article(page, tree, decoded.text),), replaced=decoded.replaced)
        if "articletitle" in places.metas(tree) and not is_list(page.url):
            return Parsed((article(page, tree, decoded.text),), replaced=decoded.replaced)
        base, stored = hrefs.base_of(tree, page.url), stored_rows(decoded.text)
        if stored is None:
            found = items(tree, base, page.source.zone, last_cell=self.last_cell)
        else:
            found = entries(stored, base, page.source.zone)
        if not found and not is_list(page.url) and (body := _body(page, tree)) is not None and dom.line(body):
            return Parsed((article(page, tree, decoded.text),), replaced=decoded.replaced)
        if not found:
            raise lacking(decoded.text, "the page has no list of articles (links with dates)")
        return self._list(page, tree, found, decoded.replaced)

    def _list(self, page: Page, tree: Tree, found: list[listing.Item], replaced: int) -> Parsed:
        made = again(page, found, _row, "rows of the list")
        own = details(page, made, lambda url: hrefs.same_host(url, page.url) and _has_page(url))
        return Parsed(made, own, self._next(page, tree, len(found)), replaced)

    def _next(self, page: Page, tree: Tree, count: int) -> Request | None:
        """From the first page of one column to that of the next; from then on through the pages of a column (backfill)."""
        columns = _columns(page.source)
        firsts = [_folder(url) for url in columns]
        if len(columns) > 1 and _folder(page.url) in firsts:
            after = firsts.index(_folder(page.url)) + 1
            return Request(columns[after]) if after < len(columns) else None
        url = listing.next_page(tree, page.url, count, _FULL_PAGE, self.second)
        return Request(url) if url and page.source.owns(url) else None


def _columns(source: Source) -> list[str]:
    columns = source.params.get("columns")
    return columns if isinstance(columns, list) and columns else [source.home]


def _folder(url: str) -> str:
    return re.sub(r"/index\.s?html?$", "/", urlsplit(url).path or "/")


def _has_page(url: str) -> bool:
    """Whether a URL is a page that can be read, and not a file that a list links to directly."""
    return not re.search(r"\.(?!s?html?$|jsp$|aspx?$|php$|do$)\w{2,5}$", urlsplit(url).path)


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
        fields=_fields(page, entry.url) | {"index_number": index},
    )


def _fields(page: Page, url: str) -> dict[str, str]:
    return {"province": str(page.source.params.get("province", "")), "column": _column(urlsplit(url).path)}


def _column(path: str) -> str:
    """The column of an article: hanweb's number, else its folder without the folders of its day."""
    if not ARTICLE.search(path):
        return ""
    numbered = _ART.search(path)
    return numbered[1] if numbered else _DAY_FOLDERS.sub("", path.rpartition("/")[0])


def article(page: Page, tree: Tree, text: str) -> Notice:
    """The notice of an article's own page. Raises `ParseError` where it has no body or no title."""
    if (body := _body(page, tree)) is None and (body := places.densest(tree)) is None:
        raise lacking(text, "the page has no body (.TRS_Editor, #zoom, …)")
    meta = places.metas(tree)
    title = meta.get("articletitle") or places.heading(tree, *_TITLES) or places.page_title(tree)
    if not title:
        raise lacking(text, "the page has no title (meta ArticleTitle, h1, <title>)")
    seen, url = tree.visible(body), re.split("#", page.url)[0]
    rows = rows_of(body, PRICE_COLUMNS)
    said = {"content_source": meta.get("contentsource", "")} | price_fields(title, seen, rows, page.source.zone)
    return notice(
        page,
        item_key(url, url),
        url,
        title,
        _stated(page, tree, meta),
        body=seen,
        document_number=documents.number_in(title, seen, tree.seen),
        attachments=documents.attachments(body, tree, hrefs.base_of(tree, page.url)),
        fields=_fields(page, url) | said,
        rows=rows,
    )


def _body(page: Page, tree: Tree) -> Element | None:
    """The first place of those known for the body that is not empty."""
    own = page.source.params.get("body")
    for place in (*(own if isinstance(own, list) else ()), *places.BODIES):
        found = places.fullest(tree, place)
        if found is not None and walk.bears(found, "img", "a"):
            return found
    return None


def _stated(page: Page, tree: Tree, meta: dict[str, str]) -> Stated:
    """When it was published: the day in the URL, the meta PubDate, the text, in this order (SITES.md, A.4).

    Where the page gives the hour of the very day that its URL states, the hour is kept.
    """
    zone = page.source.zone
    shown = published(tree, meta, zone, *_PLACES)
    if shown[0] is None and (labelled := _LABELLED.search(tree.seen)):
        shown = parse_time(labelled.group(1), zone)
    day = url_day(page.url, zone)
    if day[0] is None or shown[0] is None:
        return first_stated((day, shown))
    return shown if civil_day(shown[0], zone) == day else day
