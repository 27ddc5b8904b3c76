"""The releases that the UDI site offers: its RSS feeds, and its download page, which links to the same files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from events.base import Precision
from events.clock import to_utc
from events.notice import Notice
from scrapers.page import Malformed, Page, Parsed, Request
from scrapers.platforms import dom, hrefs, walk
from scrapers.platforms.common import each, lacking, notice, read
from scrapers.platforms.feeds import feed_of
from scrapers.text import one_line
from scrapers.times import Stated, parse_time

_NAME = re.compile(
    r"UDID_(?P<kind>DAY|DAILY|WEEK(?:LY)?|MONTH(?:LY)?|FULL)\w*?_(?P<first>20\d{4}(?:\d\d)?)(?:_(?P<last>20\d{6}))?\.zip",
    re.IGNORECASE,
)
_KINDS = {"D": "daily", "W": "weekly", "M": "monthly", "F": "full"}
_COUNT = re.compile(r"(?:包含|共)\s*(\d{1,9})\s*(?:个|条)?产品标识|产品标识(?:数量)?\s*[:：]?\s*(\d{1,9})")
_ZONED = re.compile(r"[+-]\d{4}\s*$|\b(?:GMT|UTC|UT|Z)\s*$")


def feed(page: Page) -> Parsed:
    """The releases of a feed or of the download page, and the requests for those of the kinds that the source reads."""
    decoded = read(page)
    text = decoded.text.lstrip("\ufeff \r\n\t")
    is_feed = re.search(r"<(?:rss|feed|rdf:RDF)\b", text[:2000], re.IGNORECASE)
    if is_feed and not re.search(r"</(?:rss|feed|rdf:RDF)\s*>", text, re.IGNORECASE):
        raise Malformed("the feed is cut off: its root element does not end")
    entries = list(_of_feed(text) if is_feed else _of_page(page, text))
    if not entries and not is_feed:
        raise lacking(text, "the page links to no release (UDID_….zip)")
    made = each(entries, lambda entry: _release(page, entry), "items of the feed")
    kinds = page.source.params.get("kinds")
    wanted = [n for n in made if not isinstance(kinds, list) or n.fields["release_kind"] in kinds]
    return Parsed(made, replaced=decoded.replaced, releases={n.item_key: Request(n.url) for n in wanted})


def _of_feed(text: str) -> Iterable[tuple[str, str, str, str]]:
    """Link, title, date and description of each item."""
    for entry in feed_of(text).entries:
        item: dict[str, Any] = dict(entry)
        found = [item.get("link", ""), *(one.get("href", "") for one in item.get("enclosures", []))]
        link = next((url for url in found if _NAME.search(unquote(url))), found[0])
        yield link, item.get("title", ""), item.get("published", item.get("updated", "")), item.get("summary", "")


def _of_page(page: Page, text: str) -> Iterable[tuple[str, str, str, str]]:
    dom.whole(text)
    tree = dom.tree_of(text)
    base = hrefs.base_of(tree, page.url)
    for link in tree.links:
        url, title = hrefs.href(base, link), dom.line(link)
        if _NAME.search(unquote(url)) or _NAME.search(title):
            yield url, title, "", dom.line(walk.above(link, ("tr", "li")))


def _release(page: Page, entry: tuple[str, str, str, str]) -> Notice:
    """Raises ValueError for an item that names no release or leads nowhere."""
    link, title, dated, described = entry
    url = hrefs.absolute(page.url, link)
    found = _NAME.search(one_line(title)) or _NAME.search(unquote(url))
    if found is None or not url or not page.source.owns(url):
        raise ValueError(f"{title or link!r} is no release of this site")
    count = _COUNT.search(described)
    fields = {
        "release": found.group(),
        "release_kind": _KINDS[found["kind"][0].upper()],
        "release_from": _day(found["first"]),
        "release_to": _day(found["last"]) if found["last"] else "",
        "release_records": next(filter(None, count.groups()), "") if count else "",
    }
    return notice(page, found.group(), url, found.group(), _stated(dated, page), body=described, fields=fields)


def _day(digits: str) -> str:
    """``20260801`` as a day, ``202608`` as a month; empty for digits that are no date."""
    try:
        datetime.strptime(digits, "%Y%m%d" if len(digits) == 8 else "%Y%m")  # noqa: DTZ007
    except ValueError:
        return ""
    return "-".join(filter(None, (digits[:4], digits[4:6], digits[6:])))


def _stated(text: str, page: Page) -> Stated:
    """The time of an item: RFC 822 with its zone, or, where no zone is stated, a time in the zone of the source."""
    if _ZONED.search(text):
        try:
            return to_utc(parsedate_to_datetime(text)), Precision.SECOND
        except (ValueError, TypeError, OverflowError):
            pass
    return parse_time(text, page.source.zone)
