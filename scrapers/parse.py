"""A page to its notices, whatever the page is: the one door to the platforms."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from scrapers.page import Malformed, Page, Parsed, ParseError
from scrapers.platforms import platform_of
from scrapers.source import CatalogError, Source, catalog, owner

_HOST = re.compile(r"://([\w.\\-]+)")


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

    Raises `CatalogError` for a source that is not in the catalogue, and for a URL that is no page of the source.
    """
    try:
        source = catalog()[source_id]
    except KeyError:
        raise CatalogError(f"there is no source {source_id!r}; known are {', '.join(catalog())}") from None
    if url and not _may_be(source, url):
        other = owner(url)
        raise CatalogError(f"{url} is no page of {source_id}" + (f" but of {other.id}" if other else ""))
    return Page(source=source, url=url or source.home, content=content, fetched_at=now)


def _may_be(source: Source, url: str) -> bool:
    """Whether a person may have saved a page of the source at ``url``: one of its own, or one that nobody owns on its site."""
    if source.owns(url) or url == source.home:
        return True
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    sites = {
        urlsplit(source.home).hostname,
        *(found.replace("\\", "") for p in source.urls for found in _HOST.findall(p)),
    }
    return host in sites and owner(url) is None
