"""Press: any RSS or Atom feed, read by feedparser.

``params.titles``: a regular expression; only items whose title or text it finds are the source's. ``Notice.fields``:
``content_source`` (the feed's own title), ``author``, ``category`` (the item's, joined by 、). An item is told by its ``guid``
or ``id``, else by its link. Rules: RSS 2.0, RFC 4287.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from events.base import Precision
from events.clock import to_utc
from events.notice import Attachment, Notice
from scrapers.page import Malformed, Page, Parsed, Request
from scrapers.platforms import dom, hrefs, jsons
from scrapers.platforms.common import each, lacking, notice, read
from scrapers.platforms.feeds import feed_of
from scrapers.source import Source
from scrapers.text import one_line
from scrapers.times import Stated, first_stated, parse_time

_ROOT = re.compile(r"<(?P<name>(?:[\w.-]+:)?(?:rss|feed|rdf))\b", re.IGNORECASE)
_ZONED = re.compile(r"(?:[+-]\d{4}|\b[A-Z]{1,4})\s*$")
_SECONDS = re.compile(r"\d:\d\d:\d\d")
_HEAD = 4000


@dataclass(frozen=True, slots=True)
class Rss:
    """The source's home is the feed."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The feed."""
        return Request(source.home)

    def parse(self, page: Page) -> Parsed:
        """The items of a feed. Raises `ParseError`."""
        decoded = read(page)
        text = decoded.text.lstrip("\ufeff \r\n\t")
        root = _ROOT.search(text, 0, _HEAD)
        if root is None:
            raise lacking(text, "the answer is no feed (<rss>, <feed> or <rdf:RDF>)")
        if f"</{root['name']}".casefold() not in text.casefold():
            raise Malformed(f"the feed is cut off: <{root['name']}> does not end")
        found = feed_of(text)
        of = one_line(found.feed.get("title", ""))
        entries = [dict(entry) for entry in found.entries]
        wanted = [entry for entry in entries if _wanted(entry, page.source)]
        return Parsed(
            each(wanted, lambda entry: _item(page, entry, of), "items of the feed"), replaced=decoded.replaced
        )


def _text(html: object) -> str:
    """HTML of a feed as the text that a reader sees."""
    said = str(html or "")
    return dom.tree_of(f"<div>{said}</div>").seen if "<" in said or "&" in said else said


def _body(entry: dict[str, Any]) -> str:
    """The whole text where the feed gives it, else the summary."""
    contents = [one.get("value", "") for one in entry.get("content", ()) if isinstance(one, dict)]
    return max((_text(said) for said in (*contents, entry.get("summary", ""))), key=len, default="")


def _wanted(entry: dict[str, Any], source: Source) -> bool:
    titles = source.params.get("titles")
    if not isinstance(titles, str):
        return True
    return re.search(titles, f"{entry.get('title', '')}\n{_body(entry)}") is not None


def _item(page: Page, entry: dict[str, Any], of: str) -> Notice:
    links = [one.get("href", "") for one in entry.get("links", ()) if one.get("rel", "alternate") == "alternate"]
    url = next(
        (
            found
            for said in (entry.get("link"), *links, entry.get("id"))
            if (found := hrefs.absolute(page.url, str(said or "")))
        ),
        "",
    )
    title, body = jsons.plain_title(_text(entry.get("title", ""))), _body(entry)
    files = [(one.get("href", ""), one.get("type", "")) for one in entry.get("enclosures", ())]
    return notice(
        page,
        one_line(entry.get("id")) or url,
        url or page.url,
        title or one_line(body)[:80],
        _stated(entry, page),
        body=body,
        attachments=[
            Attachment(name=where.rpartition("/")[2] or where, url=where, media_type=kind or None)
            for said, kind in files
            if (where := hrefs.absolute(page.url, said))
        ],
        fields={
            "content_source": of,
            "author": one_line(entry.get("author")),
            "category": "、".join(one_line(tag.get("term")) for tag in entry.get("tags", ()) if tag.get("term")),
        },
    )


def _stated(entry: dict[str, Any], page: Page) -> Stated:
    """When an item was published, else updated: RFC 822 with its zone, ISO 8601, or a time in the zone of the source."""
    said = (str(entry.get(name) or "") for name in ("published", "updated", "created"))
    return first_stated(_time(text.strip(), page) for text in said if text.strip())


def _time(text: str, page: Page) -> Stated:
    """RFC 822 with its zone, else as `parse_time` reads it. CST in a Chinese feed is the time of China, not of Chicago."""
    zone = page.source.zone
    own = page.fetched_at.astimezone(zone).tzname()
    if _ZONED.search(text) and "," in text and not text.endswith(f" {own}"):
        try:
            return to_utc(parsedate_to_datetime(text)), Precision.SECOND if _SECONDS.search(text) else Precision.MINUTE
        except (ValueError, TypeError, OverflowError):
            pass
    return parse_time(text, zone)
