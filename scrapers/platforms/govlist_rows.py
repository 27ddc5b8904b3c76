"""Which links of a government list page are its items: link lists with dates, in tables, lists or boxes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from operator import itemgetter
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lxml import etree

from events.ids import digest
from scrapers.platforms import dom, hrefs, listing, walk
from scrapers.platforms.dom import Tree
from scrapers.platforms.walk import Element
from scrapers.remember import Known, of_short
from scrapers.times import Stated, first_stated, from_path, is_date, parse_time

ARTICLE = re.compile(
    r"/t(?:19|20)\d{6}_\d+(?:_\d+)?\.s?html?$"  # TRS
    r"|/m?post_\d+\.s?html?$"  # NFW
    r"|/(?:19|20)\d{6}/[0-9a-f]{32}\.s?html?$"  # Shanghai
    r"|/art_\d+_\w+\.s?html?$|/art/.+/art_\w+\.s?html?$"  # hanweb
    r"|/(?:content|article|con|info|detail|news|c|doc)[_-]?\d{3,}\.s?html?$|/c\d+/content\.s?html?$"
    r"|/info/\d+/\d+\.html?$|/(?:19|20)\d{2}-?\d{2}(?:/\d{2}|-\d{2})?/[\w-]+\.s?html?$"
    r"|/[0-9a-f]{32}\.s?html?$|/\d{4,}\.s?html?$|/content/[\w/-]*\d+\.s?html?$",
    re.IGNORECASE,
)
"""The paths of articles in the families of CMS that government sites run on."""

_LIST = re.compile(r"(?:/|/(?:index|list|default)(?:_\d+)?\.(?:s?html?|jsp|aspx?|php))$", re.IGNORECASE)
_DATED = (
    re.compile(r"/((?:19|20)\d{6})/[0-9a-f]{32}\.s?html?$"),
    re.compile(r"/((?:19|20)\d{2}-\d\d)/(\d\d)/[\w-]+\."),
)
_ROWS, _BOXES = {"li", "tr", "dd", "dl"}, {"ul", "ol", "table", "tbody", "body", "html", "main", "form", "section"}
_LISTS = frozenset({"ul", "ol", "table", "tbody"})
_DEEP = 5
_TURNS = re.compile(r"(?:首页|上一?页|下一?页|尾页|末页|更多|转到|GO|\d{1,4})[\s>»›+]*", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_LEAVES = frozenset({"span", "b", "i", "em", "font", "time", "td", "p", "div", "label", "small", "dd", "h4"})


@of_short
def is_article(url: str) -> bool:
    """Whether a URL is that of an article, by its path."""
    return ARTICLE.search(hrefs.path_of(url)) is not None


@of_short
def is_list(url: str) -> bool:
    """Whether a URL is that of a list: a folder, or its ``index`` page."""
    return _LIST.search(hrefs.path_of(url) or "/") is not None


def item_key(url: str, home: str) -> str:
    """The identity of an item: its path on its own site (and its query, but for an article by path), else with its host."""
    parts = urlsplit(url)
    path = _SLASHES.sub("/", parts.path)
    own = hrefs.same_host(url, home)
    query = f"?{parts.query}" if parts.query and not (own and ARTICLE.search(path)) else ""
    return f"{'' if own else parts.netloc}{path}{query}"


def url_day(url: str, zone: ZoneInfo) -> Stated:
    """The day that a URL states: ``/2026/8/12/art_…``, ``t20260812_…``, ``/20260313/<32 hex>``, ``/2026-08/12/…``."""
    path = urlsplit(url).path
    found = (m for pattern in _DATED if (m := pattern.search(path)))
    return first_stated((from_path(url, zone), *(parse_time("-".join(m.groups()), zone) for m in found)))


def items(tree: Tree, base: str, zone: ZoneInfo, *, last_cell: bool = False) -> list[listing.Item]:
    """The items of a list page, in its order. ``last_cell``: the date of a table row is in its last cell.

    Links beside the list (menus, what is read most) show no dates: where some boxes of the page do, the others are left out.
    """
    rows = _Rows(base, zone, last_cell)
    boxes: defaultdict[Element | None, list[tuple[int, Element]]] = defaultdict(list)
    for place, link in enumerate(tree.links):
        boxes[walk.above(link, _LISTS)].append((place, link))
    found: list[tuple[int, Element, listing.Item]] = []
    dated: set[Element] = set()
    for place, row in rows.of(boxes.pop(None, [])):
        if (entry := rows.entry(row)) is not None:
            found.append((place, _alone(row), entry))
            dated.update([_alone(row)] if rows.shows_date(row) else ())
    for box, links in boxes.items():
        if box is not None:
            held = rows.held(box, [link for _, link in links])
            found += [(links[at][0], box, entry) for at, entry in held.entries]
            dated.update([box] if held.dated else ())
    found.sort(key=itemgetter(0))
    kept = [entry for _, box, entry in found if (box in dated if dated else is_article(entry.url))]
    return list({entry.url: entry for entry in reversed(kept)}.values())[::-1]


def entries(rows: Iterable[Element], base: str, zone: ZoneInfo) -> list[listing.Item]:
    """The items of rows that are known to be those of the list."""
    return [entry for row in rows if (entry := _entry(row, base, zone, last_cell=False)) is not None]


@dataclass(frozen=True, slots=True)
class _Held:
    """What a list holds: its items, each with the place of its link among those of the list, and whether rows show dates."""

    entries: tuple[tuple[int, listing.Item], ...]
    dated: bool


_HELD: Known[tuple[str, str, str, bool], _Held] = Known(512)
"""By the digest of its markup, which may be long: of a noisy page, the list is mostly as the last poll saw it."""


class _Rows:
    """The rows of one page. What is known of an element is kept: rows, and the boxes around them, are asked for often."""

    def __init__(self, base: str, zone: ZoneInfo, last_cell: bool) -> None:
        self._base, self._zone, self._last_cell = base, zone, last_cell
        self._dated: dict[Element, bool] = {}
        self._led: dict[Element, frozenset[str]] = {}

    def held(self, box: Element, links: Sequence[Element]) -> _Held:
        """What a list holds, of which these are the links. No row reaches beyond its list, so that its markup says it all."""

        def find() -> _Held:
            found = [
                (at, row, entry)
                for at, row in self.of(list(enumerate(links)))
                if (entry := self.entry(row)) is not None
            ]
            dated = any(self.shows_date(row) for _, row, _ in found)
            return _Held(tuple((at, entry) for at, _, entry in found), dated)

        markup = etree.tostring(box, encoding="utf-8", with_tail=False)
        return _HELD.of((digest(markup), self._base, self._zone.key, self._last_cell), find)

    def of(self, links: Iterable[tuple[int, Element]]) -> Iterator[tuple[int, Element]]:
        """The rows that hold links to articles, that show a date beside a link, or that are built like rows, once each.

        With the place of its first link.
        """
        seen: set[Element] = set()
        for place, link in links:
            url = hrefs.href(self._base, link)
            if not url or is_list(url) or _TURNS.fullmatch(dom.line(link)):
                continue
            row = self._around(link, url)
            if row in seen:
                continue
            if row.tag in _ROWS or is_article(url) or self.shows_date(row):
                seen.add(row)
                yield place, row

    def entry(self, row: Element) -> listing.Item | None:
        """The item of a row; None where it leads to no page."""
        return _entry(row, self._base, self._zone, self._last_cell)

    def _around(self, link: Element, url: str) -> Element:
        """The element around a link that is its row: the nearest ``li`` or table row, or box that shows a date."""
        row = link
        for parent in islice(link.iterancestors(), _DEEP):
            if parent.tag in _BOXES or self._articles(parent) - {url}:
                break
            row = parent
            if parent.tag in _ROWS or self.shows_date(row):
                break
        return row

    def _articles(self, node: Element) -> frozenset[str]:
        """The articles that an element leads to."""
        if node not in self._led:
            urls = {hrefs.href(self._base, a) for a in walk.links(node)}
            self._led[node] = frozenset(filter(is_article, urls))
        return self._led[node]

    def shows_date(self, row: Element) -> bool:
        """Whether a piece of text in a row, or a whole element, is a date."""
        if row not in self._dated:
            self._dated[row] = any(is_date(text, self._zone) for text in _said(row) if text)
        return self._dated[row]


def _said(row: Element) -> Iterator[str]:
    yield from map(dom.line, walk.leaves(row, _LEAVES))
    yield from (text.strip() for text in walk.texts(row))


def _alone(row: Element) -> Element:
    """What stands for the list where a row stands in none."""
    parent: Element | None = row.getparent()
    return parent if parent is not None else row


def _entry(row: Element, base: str, zone: ZoneInfo, last_cell: bool) -> listing.Item | None:
    entry = listing.item(row, base, zone)
    if entry is None or is_list(entry.url):
        return None
    cells = walk.every(row, "td") if last_cell else []
    if cells and is_date(dom.line(cells[-1]), zone):
        return replace(entry, stated=parse_time(dom.line(cells[-1]), zone))
    return entry if entry.stated[0] is not None else replace(entry, stated=url_day(entry.url, zone))
