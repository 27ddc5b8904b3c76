"""The saved pages: ``pages/<source>/<page>`` with what it should say in ``<page>.expected.json``, which names its URL."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from events.notice import Notice
from scrapers.page import Page, Parsed
from scrapers.parse import parse
from scrapers.source import catalog

PAGES = Path(__file__).parent / "pages"
SEEN_AT = datetime(2026, 11, 1, tzinfo=UTC)
_UNTOLD = {"content_hash", "detected_at", "source_id", "archive", "revision", "retracted", "illustrative"}


def page_files() -> list[Path]:
    """Every saved page."""
    return sorted(f for f in PAGES.glob("*/*") if not f.name.endswith(".expected.json"))


def expected_file(page: Path) -> Path:
    """Where it is written what a page should say."""
    return page.with_name(f"{page.name}.expected.json")


def load(file: Path) -> Page:
    """A saved page at the URL that its expectation names; at its source's home while it has none."""
    source = catalog()[file.parent.name]
    expected = expected_file(file)
    url = json.loads(expected.read_text(encoding="utf-8"))["url"] if expected.exists() else source.home
    return Page(source=source, url=url, content=file.read_bytes(), fetched_at=SEEN_AT)


def told(page: Page, found: Parsed) -> dict[str, Any]:
    """What a page said, as it is written in an expectation: notices without what is not the page's own."""
    notices = [notice.model_dump(mode="json", exclude=_UNTOLD, exclude_defaults=True) for notice in found.notices]
    details = {key: request.url for key, request in found.details.items()}
    following = {k: v for k, v in asdict(found.next_page).items() if v} if found.next_page else None
    said = {
        "url": page.url,
        "notices": notices,
        "details": details,
        "next_page": following,
        "replaced": found.replaced,
    }
    return json.loads(json.dumps(said))  # type: ignore[no-any-return]


def parsed(source_id: str, body: str, url: str | None = None, encoding: str = "utf-8") -> Parsed:
    """What a page that a test wrote says; its URL is the source's home unless another is given."""
    source = catalog()[source_id]
    return parse(Page(source, url or source.home, body.encode(encoding), SEEN_AT))


def one(source_id: str, body: str, url: str | None = None, encoding: str = "utf-8") -> Notice:
    """The only notice of a page that a test wrote."""
    (notice,) = parsed(source_id, body, url, encoding).notices
    return notice
