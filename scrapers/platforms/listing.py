"""Rows of a list page: a link with its title and, somewhere beside it, a date. And the way to the next page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from bs4 import Tag
from bs4.element import NavigableString

from scrapers.platforms import dom, walk
from scrapers.text import one_line
from scrapers.times import Stated, first_stated, from_path, is_date, parse_time

_NEXT = re.compile(r"^(?:下一?页|next|后一页)\s*[>»›]*$", re.IGNORECASE)
_INDEX = re.compile(r"(?P<head>.*/)(?:index(?:_(?P<n>\d+))?\.(?P<ext>s?html?))?$")
_ROWS = ("li", "tr", "dd")
_SHORT = 60  # characters of a bare text that may state the date of its row; a longer one is a summary
_INLINE = ("span", "b", "i", "em", "font", "time", "td", "p", "div", "label", "small", "dd")


@dataclass(frozen=True, slots=True)
class Item:
    """One row: the absolute URL, the title in full, the time, and the texts of its other cells."""

    url: str
    title: str
    stated: Stated
    cells: tuple[str, ...]


def item(row: Tag, base: str, zone: ZoneInfo) -> Item | None:
    """The item of a row, or None for a row without a link that leads anywhere or without a title.

    The date is taken from an element that holds nothing else, then from the bare text of the row, then from the URL.
    """
    links = [(a, url) for a in walk.links(row) if (url := dom.absolute(base, dom.attr(a, "href")))]
    titled = [(dom.link_title(a, _without_date(a, zone)), a, url) for a, url in links]
    if not titled:
        return None
    title, link, url = max(titled, key=lambda found: len(found[0]))
    if not title:
        return None
    cells = tuple(text for cell in walk.every(row, *_INLINE) if _is_leaf(cell) and (text := dom.line(cell)))
    dates = [text for text in cells if is_date(text, zone)]
    bare = [one_line(node) for node in walk.texts(row) if _outside(node, link) and len(node) <= _SHORT]
    stated = first_stated(
        (parse_time(next(iter(dates), None), zone), *(parse_time(text, zone) for text in bare), from_path(url, zone))
    )
    return Item(url, title, stated, tuple(text for text in cells if text not in dates and text != title))


def _is_leaf(cell: Tag) -> bool:
    return not walk.holds(cell, _INLINE)


def _outside(node: NavigableString, link: Tag) -> bool:
    """Whether a text of the row stands outside its link: a date inside a title is not the date of the row."""
    return type(node) is NavigableString and all(parent is not link for parent in node.parents)


def _without_date(link: Tag, zone: ZoneInfo) -> str:
    """The text of a link; where the list puts the row's date inside the link, without that."""
    inner = [one_line(dom.line(node)) for node in walk.every(link, *_INLINE) if _is_leaf(node)]
    text, row = dom.line(link), walk.above(link, _ROWS)
    if row is not None and any(is_date(one_line(t), zone) for t in walk.texts(row) if _outside(t, link)):
        return text  # the date of the row stands beside the link, so that one inside belongs to the title
    for date in (said for said in inner if said and is_date(said, zone)):
        text = text.replace(date, " ")
    return one_line(text)


def next_page(tree: Tag, url: str, count: int, full: int) -> str | None:
    """The URL of the page after this one of a list: its own link, or ``index.html`` → ``index_1.html`` after a full page.

    ``full`` is the number of rows from which on a page counts as full.
    """
    for link in walk.links(tree):
        if _NEXT.match(dom.line(link)) and (target := dom.absolute(url, dom.attr(link, "href"))) not in {"", url}:
            return target
    match = _INDEX.match(urlsplit(url).path)
    if count < full or match is None:
        return None
    return urljoin(url, f"{match['head']}index_{int(match['n'] or 0) + 1}.{match['ext'] or 'html'}")
