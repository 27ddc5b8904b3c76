"""Rows of a list page: a link with its title and, somewhere beside it, a date. And the way to the next page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from lxml import etree

from scrapers.platforms import dom, hrefs, walk
from scrapers.platforms.dom import Tree
from scrapers.platforms.walk import Element
from scrapers.remember import Known
from scrapers.text import one_line
from scrapers.times import Stated, first_stated, from_path, is_date, parse_time

_NEXT = re.compile(r"^(?:下一?页|next|后一页)\s*[>»›]*$", re.IGNORECASE)
_INDEX = re.compile(r"(?P<head>.*/)(?:index(?:_(?P<n>\d{1,6}))?\.(?P<ext>s?html?))?$")
_PAGER = re.compile(r"createPage(?:HTML|HTML_?\w*)?\(\s*['\"]?(\d{1,6})['\"]?\s*,\s*['\"]?(\d{1,6})")
_BADGE = re.compile(r"[\[【(（]?\s*(?:置顶|最新|热点|new|hot|top)\s*!?\s*[\]】)）]?", re.IGNORECASE)
_PINNED = re.compile(r"^\s*(?:[\[【(（]\s*(?:置顶|最新|new|hot|top)\s*[\]】)）]\s*)+", re.IGNORECASE)
_DATE_LINE = re.compile(r"(?:时间|日期)\s*[:：]\s*([^\r\n]{8,40})")
_SHORT = 60  # characters of a bare text that may state the date of its row; a longer one is a summary
_INLINE = frozenset({"span", "b", "i", "em", "font", "time", "td", "p", "div", "label", "small", "dd"})


@dataclass(frozen=True, slots=True)
class Item:
    """One row: the absolute URL, the title in full, the time, and the texts of its other cells."""

    url: str
    title: str
    stated: Stated
    cells: tuple[str, ...]


_ITEMS: Known[tuple[bytes, str, str], Item | None] = Known(2048)


def item(row: Element, base: str, zone: ZoneInfo) -> Item | None:
    """The item of a row, or None for a row without a link that leads anywhere or without a title. A link may be a row.

    A link to a list (the column that a row names) goes behind one to a page, a shorter title behind a longer one.
    The date is taken from an element that holds nothing else, then from the bare text of the row, then from a labelled line of
    the link's ``title``, then from the URL. An item of a row whose markup was seen before is remembered.
    """
    if row.tag in walk.ROWS or row.getparent() is None:  # of another one, what is around it has a say
        markup = etree.tostring(row, encoding="utf-8", with_tail=False)
        return _ITEMS.of((markup, base, zone.key), lambda: _item(row, base, zone))
    return _item(row, base, zone)


def _item(row: Element, base: str, zone: ZoneInfo) -> Item | None:
    links = [(a, url) for a in ([row] if row.tag == "a" else walk.links(row)) if (url := hrefs.href(base, a))]
    titled = [(hrefs.link_title(a, _without_date(a, row, zone)), a, url) for a, url in links]
    if not titled:
        return None
    title, link, url = titled[0]
    if len(titled) > 1:
        title, link, url = max(titled, key=lambda found: (not _INDEX.match(urlsplit(found[2]).path), len(found[0])))
    if not title:
        return None
    cells = tuple(text for cell in walk.leaves(row, _INLINE) if (text := dom.line(cell)))
    dates = [text for text in cells if is_date(text, zone)]
    stated = first_stated(_times(row, link, dates, url, zone))
    return Item(url, title, stated, tuple(text for text in cells if text not in dates and text != title))


def _times(row: Element, link: Element, dates: Sequence[str], url: str, zone: ZoneInfo) -> Iterator[Stated]:
    """What may be the time of a row, the surest first. A date inside of its title is not."""
    if dates:
        yield parse_time(dates[0], zone)
    yield from (parse_time(one_line(text), zone) for text in walk.texts(row, without=link) if len(text) <= _SHORT)
    labelled = _DATE_LINE.search(dom.attr(link, "title"))
    yield parse_time(labelled and labelled.group(1), zone)
    yield from_path(url, zone)


def _without_date(link: Element, around: Element, zone: ZoneInfo) -> str:
    """The text of a link; where the list puts the row's date or a badge (置顶, NEW) inside the link, without that."""
    text = _PINNED.sub("", dom.line(link))
    inner = [dom.line(node) for node in walk.leaves(link, _INLINE)]
    if not inner:
        return text
    row = walk.above(link, walk.ROWS) if around is not link else None
    for badge in (said for said in inner if _BADGE.fullmatch(said)):
        text = text.removeprefix(badge).removesuffix(badge).strip()
    if row is not None and any(is_date(one_line(t), zone) for t in walk.texts(row, without=link)):
        return text  # the date of the row stands beside the link, so that one inside belongs to the title
    for date in (said for said in inner if said and is_date(said, zone)):
        text = text.replace(date, " ")
    return one_line(text)


def next_page(tree: Tree, url: str, count: int, full: int, second: int | None = 1) -> str | None:
    """The URL of the page after this one of a list: its own link, or by number as far as the pager of its own script goes.

    Where it has no such pager, after a full page: one of ``full`` rows or more. ``second`` is the number in the URL of a list's
    second page (``index.html`` → ``index_1.html``), None where that is not known.
    """
    for link in tree.links:
        if _NEXT.match(dom.line(link)) and (target := hrefs.href(url, link)) not in {"", url}:
            return target
    match = _INDEX.match(urlsplit(url).path)
    if match is None or second is None:
        return None
    pager = next((m for s in tree.root.iter("script") if (m := _PAGER.search(s.text or ""))), None)
    if not (int(pager[2]) + 1 < int(pager[1]) if pager else count >= full):
        return None
    number = int(match["n"]) + 1 if match["n"] else second
    return urljoin(url, f"{match['head']}index_{number}.{match['ext'] or 'html'}")
