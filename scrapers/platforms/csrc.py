"""CSRC (中国证监会): columns as HTML (``#list li``) or as the JSON of its search list, and articles (``.detail-news``).

``Notice.fields``: ``column`` (number of the column in the URL), ``content_source``, ``company`` (whose filing a title names),
and of the weekly lists of supplementary requests for overseas listings ``window_start`` and ``window_end`` (the week in the
title). ``Notice.rows`` of such a list: ``seq``, ``company``, ``questions`` (how many its text numbers, in digits). Rules:
SITES.md, A.8 (CSRC).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from events.notice import Attachment, Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import documents, dom, hrefs, jsons, listing, places, walk
from scrapers.platforms.common import again, details, each, lacking, notice, query_of, read, with_query
from scrapers.platforms.csrc_requests import requests_of, week_of
from scrapers.platforms.dom import Tree
from scrapers.platforms.stated import published
from scrapers.source import Source
from scrapers.times import Stated, first_stated, from_epoch, parse_time

_ARTICLE = re.compile(r"/(?P<column>c\d+)/c\d+/content\.s?html?$")
_COLUMN = re.compile(r"/(?P<column>c\d+)/")
_FILED = re.compile(
    r"^关于(?P<company>.{2,80}?)(?:拟|申请|在)*(?:境外(?:首次|发行|上市)|境内未上市|首次公开发行|到境外)"
)
_SEARCH = re.compile(r"/searchList/(?P<channel>\w+)$")
_BODY = (".detail-news", "#zoom", ".content", ".xxgk-detail", ".TRS_Editor")
_TITLE = ("h2.title", "h1", ".detail-title", "h2", ".title", ".main-title")
_SIZE = 18


@dataclass(frozen=True, slots=True)
class Csrc:
    """``params.titles``: a regular expression; only items whose title it finds are the source's."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The page of the column, which names the channel that its older items are asked for by."""
        return Request(source.home)

    def parse(self, page: Page) -> Parsed:
        """A column, an answer of the search list, or an article at ``…/c<id>/content.shtml``. Raises `ParseError`."""
        path = urlsplit(page.url).path
        if _SEARCH.search(path) or page.content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
            return _answer(page)
        decoded = read(page)
        dom.whole(decoded.text)
        tree = dom.tree_of(decoded.text)
        if _ARTICLE.search(path):
            return Parsed((_article(page, tree, decoded.text),), replaced=decoded.replaced)
        return _list(page, tree, decoded.text, decoded.replaced)


def _list(page: Page, tree: Tree, text: str, replaced: int) -> Parsed:
    base = hrefs.base_of(tree, page.url)
    rows = [row for row in places.select(tree, "#list li") if walk.links(row)] or [
        row
        for a in tree.links
        if _ARTICLE.search(urlsplit(hrefs.href(base, a)).path) and (row := walk.above(a, walk.ROWS)) is not None
    ]
    if not rows and "#list" not in tree.marked:
        raise lacking(text, "the page has no list (#list li)")
    entries = [entry for row in rows if (entry := listing.item(row, base, page.source.zone)) is not None]
    made = again(page, [e for e in entries if _wanted(e.title, page.source)], _row, "rows of the list")
    channel = places.metas(tree).get("channelid", "")
    following = Request(_search(page.url, channel, 2)) if channel and len(rows) >= _SIZE else None
    return Parsed(made, _details(page, made), following, replaced)


def _search(url: str, channel: str, number: int) -> str:
    """A page of the search list. Which column it is of stands in the fragment, which is never sent: a channel does not tell."""
    found = _COLUMN.search(urlsplit(url).path)
    column = found["column"] if found else query_of(url).get("column", "")
    return with_query(
        urljoin(url, f"/searchList/{channel}") + (f"#column={column}" if column else ""),
        _isAgg="true",
        _isJson="true",
        _pageSize=str(_SIZE),
        _template="index",
        _rangeTimeGte="",
        _channelName="",
        page=str(number),
    )


def _wanted(title: str, source: Source) -> bool:
    titles = source.params.get("titles")
    return re.search(titles, title) is not None if isinstance(titles, str) else True


def _details(page: Page, made: tuple[Notice, ...]) -> dict[str, Request]:
    return details(page, made, lambda url: page.source.owns(url) and _ARTICLE.search(url))


def _row(page: Page, entry: listing.Item) -> Notice:
    url = re.split("[?#]", entry.url)[0] if _ARTICLE.search(urlsplit(entry.url).path) else entry.url
    number = next((found for cell in entry.cells if (found := documents.number(cell))), None)
    fields = _fields(url, entry.title, page)
    return notice(page, _key(url), url, entry.title, entry.stated, document_number=number, fields=fields)


def _key(url: str) -> str:
    parts = urlsplit(url)
    return re.sub("/{2,}", "/", parts.path) if _ARTICLE.search(parts.path) else url.partition("//")[2]


def _fields(url: str, title: str, page: Page) -> dict[str, str]:
    column = _COLUMN.search(urlsplit(url).path)
    start, end = week_of(title, page.source.zone)
    filed = _FILED.search(title)
    said = {"column": column["column"] if column else "", "company": filed["company"].strip() if filed else ""}
    return said | {"window_start": start, "window_end": end}


def _answer(page: Page) -> Parsed:
    value, replaced = jsons.load(page)
    data = jsons.mapping(jsons.mapping(value, "the answer").get("data"), "data")
    if "results" not in data:
        raise ParseError("the answer has no data.results")
    rows = [jsons.mapping(row, "a result") for row in jsons.items(data["results"], "data.results")]
    wanted = [row for row in rows if _wanted(jsons.words_of(row, "title"), page.source)]
    made = each(wanted, lambda row: _result(page, row), "results")
    return Parsed(made, _details(page, made), _following(page, data, bool(rows)), replaced)


def _following(page: Page, data: dict[str, Any], shown: bool) -> Request | None:
    here, total = jsons.count(query_of(page.url).get("page")) or 1, jsons.count(data.get("total"))
    channel = _SEARCH.search(urlsplit(page.url).path)
    more = shown and channel and here * _SIZE < total
    return Request(_search(page.url, channel["channel"], here + 1)) if more and channel else None


def _result(page: Page, row: dict[str, Any]) -> Notice:
    zone = page.source.zone
    title = jsons.words_of(row, "title")
    url = hrefs.absolute(page.url, jsons.text_of(row, "url"))
    body = dom.tree_of(jsons.entities(jsons.text_of(row, "contentHtml", "content"))).seen
    stated: Stated = first_stated(
        (from_epoch(row.get("publishedTime"), zone), parse_time(jsons.text_of(row, "publishedTimeStr"), zone))
    )
    files = [one for one in jsons.items(row.get("resList"), "resList") if isinstance(one, dict)]
    named = (
        (jsons.text_of(one, "fileName"), hrefs.absolute(url or page.url, jsons.text_of(one, "filePath")))
        for one in files
    )
    return notice(
        page,
        _key(url),
        url,
        title,
        stated,
        body=body,
        document_number=documents.number_in(title, body),
        attachments=[Attachment(name=name or where.rpartition("/")[2], url=where) for name, where in named if where],
        fields=_fields(url, title, page),
        rows=requests_of(title, body),
    )


def _article(page: Page, tree: Tree, text: str) -> Notice:
    body = places.fullest(tree, *_BODY)
    if body is None or not walk.bears(body, "img", "a"):
        raise lacking(text, "the page has no body (.detail-news)")
    meta, zone = places.metas(tree), page.source.zone
    title = meta.get("articletitle") or places.heading(tree, *_TITLE) or places.page_title(tree)
    if not title:
        raise ParseError("the page has no title (meta ArticleTitle or h2)")
    url, seen = re.split("[?#]", page.url)[0], tree.visible(body)
    return notice(
        page,
        _key(url),
        url,
        title,
        published(tree, meta, zone, ".date", ".time", ".info"),
        body=seen,
        document_number=documents.number_in(title, seen),
        attachments=documents.attachments(body, tree, hrefs.base_of(tree, page.url)),
        fields=_fields(url, title, page) | {"content_source": meta.get("contentsource", "")},
        rows=requests_of(title, seen),
    )
