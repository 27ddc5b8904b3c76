"""Everything that one poll saw, for people who want to know why it ended as it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from events.notice import Notice
from scrapers.answer import Fetched, FetchError
from scrapers.page import Page, Parsed, ParseError
from scrapers.parse import parse
from scrapers.polite import Heard
from scrapers.text import decode

_OWN = ("title", "body", "published_at", "document_number", "attachments", "rows")


@dataclass
class Look:
    """Looks on while a source is polled: `heard` and `parsed` are handed to what fetches and parses."""

    requests: list[dict[str, object]] = field(default_factory=list)
    robots: list[dict[str, object]] = field(default_factory=list)
    notices: dict[str, list[Notice]] = field(default_factory=dict)

    def heard(self, heard: Heard) -> None:
        """One request: what was asked, and what came back."""
        row: dict[str, object] = {"url": heard.request.url, "method": heard.request.method, "ms": heard.ms}
        match heard.answer:
            case Fetched() as answer:
                row |= {"status": answer.status, "bytes": len(answer.content), "error": None}
                row |= {"content_type": answer.content_type, "validators": answer.validators.headers}
            case FetchError() as error:
                row |= {"status": None, "bytes": 0, "error": str(error)}
        is_robots = urlsplit(heard.request.url).path == "/robots.txt"
        (self.robots if is_robots else self.requests).append(row)

    def parsed(self, page: Page) -> Parsed:
        """Parse a page as a poll does, and note what came of it. Raises `ParseError`."""
        row = next((one for one in reversed(self.requests) if "items" not in one), {})
        read = decode(page.content, page.content_type, page.source.encoding)
        row |= {"encoding": read.encoding, "replaced": read.replaced, "items": 0}
        try:
            found = parse(page)
        except ParseError as error:
            row["error"] = f"{type(error).__name__}: {error}"
            raise
        following = found.next_page.url if found.next_page else None
        row |= {"items": len(found.notices), "details": len(found.details), "next_page": following}
        self.notices[page.url] = list(found.notices)
        return found

    def robots_verdict(self) -> str:
        """What robots.txt had to say, for people."""
        refused = [str(one["error"]) for one in self.requests if "robots.txt" in str(one["error"] or "")]
        if refused:
            return refused[0]
        asked = {one["status"] for one in self.robots}
        if not asked:
            return "robots.txt was not asked for"
        return "robots.txt permits it" if 200 in asked else f"there is no robots.txt (status {asked.pop()})"

    def filled(self) -> dict[str, float]:
        """Field → share of all items that state it, the fullest first."""
        return filled(notice for some in self.notices.values() for notice in some)


def filled(notices: Iterable[Notice]) -> dict[str, float]:
    """Field → share of the notices that state it: their own fields, those of ``fields``, and columns of ``rows``."""
    found: Counter[str] = Counter()
    whole = 0
    for notice in notices:
        whole += 1
        found.update({name for name in _OWN if getattr(notice, name)} | _stated(notice.fields))
        found.update({f"rows.{name}" for row in notice.rows for name in _stated(row)})
    return {name: round(count / whole, 3) for name, count in found.most_common()}


def _stated(values: Mapping[str, str]) -> set[str]:
    return {name for name, value in values.items() if value}
