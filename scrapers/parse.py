"""A page to its notices, whatever the page is: the one door to the platforms."""

from __future__ import annotations

from datetime import datetime

from scrapers.page import Malformed, Page, Parsed, ParseError
from scrapers.platforms import platform_of
from scrapers.source import CatalogError, catalog


def parse(page: Page) -> Parsed:
    """What the page says. Raises `ParseError` (with `Malformed` and `Challenged`), and nothing else."""
    platform = platform_of(page.source)
    try:
        return platform.parse(page)
    except ParseError:
        raise
    # A page is whatever a stranger's server sent. Its libraries fail in ways that no list foresees (recursion, overflow,
    # a lone surrogate); one page may cost its poll, and must never cost the worker. The cause goes into the reason.
    except Exception as error:
        raise Malformed(f"the parser of {page.source.platform} failed: {type(error).__name__}: {error}") from error


def page_from_file(source_id: str, content: bytes, url: str, now: datetime) -> Page:
    """A page that a person saved, as if it had been fetched at ``now`` (aware).

    Raises `CatalogError` for a source that is not in the catalogue.
    """
    try:
        source = catalog()[source_id]
    except KeyError:
        raise CatalogError(f"there is no source {source_id!r}; known are {', '.join(catalog())}") from None
    return Page(source=source, url=url or source.home, content=content, fetched_at=now)
