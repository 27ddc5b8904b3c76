"""The CMS that NMPA and CMDE share: ``.list ul li`` lists, ``<17 digits>.html`` pages with ``.text`` and meta tags.

``Notice.fields``: ``column`` (path of the column), ``content_source`` (the publisher that the page names), ``cms_created_at``
(RFC 3339, when the page was made; not its publication, which it may precede or follow), ``delivery_date`` (``YYYY-MM-DD`` in
the title of a certificate delivery), ``comments_close`` (the last day for comments on a draft), ``window_start`` and
``window_end`` (of a publicity list of the innovation channel). ``Notice.rows``, for pages with a table of devices: ``seq``,
``acceptance_number``, ``product_name``, ``certificate_number``, ``registrant``, ``device_class``, ``composition``,
``intended_use``, ``model``; a column that has no such name keeps its own header. Rules: SITES.md, A.1 and A.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

from events.notice import Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import documents, dom, hrefs, listing, places, walk
from scrapers.platforms.common import again, details, lacking, notice, read
from scrapers.platforms.devices import device_rows
from scrapers.platforms.dom import Tree
from scrapers.platforms.innovation import innovation_rows, is_publicity
from scrapers.platforms.stated import published
from scrapers.platforms.walk import Element
from scrapers.platforms.walls import wall
from scrapers.platforms.windows import comments_close, publicity
from scrapers.source import Source
from scrapers.times import cms_stamp, iso_day, parse_time

_DETAIL = re.compile(r"/\d{17}\.s?html?$", re.IGNORECASE)
_LIST = re.compile(r"/(?:index(?:_\d+)?\.s?html?|list\.s?html?)?$", re.IGNORECASE)
_COPY = re.compile(r"^/directory/web/(?:nmpa|cmde)/|^/(?:nmpa|cmde)/(?=zwfw/|flfg/|xxgk/|ylqx/|yaowen/|xwdt/)")
_SLASHES = re.compile(r"/{2,}")
_DELIVERY = re.compile(r"((?:19|20)\d\d\s*年\s*\d\d?\s*月\s*\d\d?\s*日).*(?:送达|待领取)信息")
_BODY = (".text", ".wenzhang", *places.BODIES)
_FULL_PAGE = 15


def page_url(url: str) -> str:
    """The one URL of a page: double slashes and the duplicate path ``/directory/web/nmpa/`` are taken out, and the query."""
    parts = urlsplit(url)
    path = _COPY.sub("/", _SLASHES.sub("/", parts.path))
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def item_key(url: str, home: str) -> str:
    """The identity of an item: its path on its own site, or host, path and query of a page elsewhere (WeChat)."""
    if hrefs.same_host(url, home):
        return urlsplit(page_url(url)).path
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")


@dataclass(frozen=True, slots=True)
class NmpaCms:
    """``params.columns``: the first pages of the source's columns. A poll goes from one to the next.

    ``params.titles``: a regular expression; only items whose title it finds are the source's. A column may have none today.
    """

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first page of the first column."""
        return Request(_columns(source)[0])

    def parse(self, page: Page) -> Parsed:
        """A list or, at a URL of 17 digits, a detail page. Raises `ParseError`."""
        decoded = read(page)
        dom.whole(decoded.text)
        tree = dom.tree_of(decoded.text)
        path = urlsplit(page.url).path
        if _DETAIL.search(path) or (not _LIST.search(path) and not _rows(tree)):
            return Parsed((_detail(page, tree, decoded.text),), replaced=decoded.replaced)
        return _list(page, tree, decoded.text, decoded.replaced)

    def history(self, source: Source, first: date, last: date) -> Iterator[Request]:  # noqa: ARG002
        """Each column from its first page on. Of several a poll reads the first pages alone, and none leads to its second."""
        columns = _columns(source)
        for url in columns:
            yield Request(url)
            if len(columns) > 1:
                yield Request(urljoin(url, "index_1.html"))


def _columns(source: Source) -> list[str]:
    columns = source.params.get("columns")
    return columns if isinstance(columns, list) and columns else [source.home]


def _rows(tree: Tree) -> list[Element]:
    """The rows of a list: those in ``.list``; where a redesign has renamed it, any that link to a page of 17 digits."""
    rows = [row for row in places.select(tree, ".list li") if walk.links(row)] or [
        row
        for row in tree.root.iter(*walk.ROWS)
        if any(_DETAIL.search("/" + dom.attr(a, "href")) for a in walk.links(row))
    ]
    return [row for row in rows if not any(map(walk.links, row.iterdescendants(*walk.ROWS)))]


def _own(entries: list[tuple[Element | None, listing.Item]], page: Page) -> list[listing.Item]:
    """The items of those lists of the page that hold an item of this source: another list of it is a sidebar."""
    lists = {box for box, entry in entries if page.source.owns(page_url(entry.url))}
    return [entry for box, entry in entries if not lists or box in lists]


def _wanted(entries: list[listing.Item], source: Source) -> list[listing.Item]:
    titles = source.params.get("titles")
    return [entry for entry in entries if re.search(titles, entry.title)] if isinstance(titles, str) else entries


def _list(page: Page, tree: Tree, text: str, replaced: int) -> Parsed:
    rows = _rows(tree)
    if not rows and (".list" not in tree.marked or (wall(text) and not tree.seen)):
        raise lacking(text, "the page has no list (.list li)")
    base = hrefs.base_of(tree, page.url)
    found = [(_list_of(row), listing.item(row, base, page.source.zone)) for row in rows]
    items = [(box, entry) for box, entry in found if entry is not None and not _is_column(entry.url, page.url)]
    links = again(page, _wanted(_own(items, page), page.source), _row, "rows of the list")
    return Parsed(
        links,
        details=details(page, links, lambda url: hrefs.same_host(url, page.url)),
        next_page=_next(page, tree, len(rows)),
        replaced=replaced,
    )


def _list_of(row: Element) -> Element | None:
    return next((box for box in row.iterancestors() if "list" in dom.attr(box, "class").split()), None)


def _is_column(url: str, home: str) -> bool:
    """Whether a link leads to another list of the site: an entry of a menu that is built like the list."""
    return hrefs.same_host(url, home) and bool(_LIST.search(urlsplit(url).path))


def _row(page: Page, entry: listing.Item) -> Notice:
    url = page_url(entry.url) if hrefs.same_host(entry.url, page.url) else entry.url
    key = item_key(entry.url, page.url)
    number = documents.number_in(entry.title)
    return notice(
        page, key, url, entry.title, entry.stated, document_number=number, fields=_fields(page, url, entry.title)
    )


def _fields(page: Page, url: str, title: str) -> dict[str, str]:
    zone = page.source.zone
    made = cms_stamp(url, zone)
    delivery = _DELIVERY.search(title)
    return {
        "column": urlsplit(url).path.rpartition("/")[0] if _DETAIL.search(url) else "",
        "cms_created_at": made.isoformat(timespec="milliseconds").replace("+00:00", "Z") if made else "",
        "delivery_date": iso_day(parse_time(delivery.group(1), zone), zone) if delivery else "",
    }


def _next(page: Page, tree: Tree, count: int) -> Request | None:
    """From the first page of one column to that of the next; from then on through the pages of a column (backfill)."""
    columns = _columns(page.source)
    here = _column_key(page.url)
    firsts = [_column_key(url) for url in columns]
    if here in firsts and len(columns) > 1:
        after = firsts.index(here) + 1
        return Request(columns[after]) if after < len(columns) else None
    url = listing.next_page(tree, page_url(page.url), count, _FULL_PAGE)
    return Request(url) if url else None


def _column_key(url: str) -> str:
    return urlsplit(page_url(url)).path.removesuffix("index.html")


def _detail(page: Page, tree: Tree, text: str) -> Notice:
    body = places.fullest(tree, *_BODY)
    if body is None or not walk.bears(body, "img", "a"):
        raise lacking(text, "the page has no body (.text)")
    meta, zone = places.metas(tree), page.source.zone
    title = (
        places.first_text(tree, "h2.title")
        or meta.get("articletitle")
        or places.heading(tree, ".title", "h1", "h2")
        or places.page_title(tree)
    )
    if not title:
        raise ParseError("the page has no title (h2.title or meta ArticleTitle)")
    stated = published(tree, meta, zone, ".date")
    url, seen = page_url(page.url), tree.visible(body)
    proposed = innovation_rows(body, seen) if is_publicity(title, seen) else ()
    opened = publicity(seen) if proposed else ("", "")
    return notice(
        page,
        item_key(page.url, page.url),
        url,
        title,
        stated,
        body=seen,
        document_number=documents.number_in(title, seen),
        attachments=documents.attachments(body, tree, hrefs.base_of(tree, page.url)),
        fields=_fields(page, url, title)
        | {"content_source": meta.get("contentsource", ""), "comments_close": comments_close(title, seen)}
        | {"window_start": opened[0], "window_end": opened[1]},
        rows=proposed or device_rows(body, seen),
    )
