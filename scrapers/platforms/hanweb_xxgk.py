"""The disclosure search of hanweb (Jiangsu): rows of a table from ``POST /module/xxgk/search.jsp``, pages in ``currpage``.

Its articles are hanweb's, with the body in ``#barrierfree_container`` too. Fields and rows as `scrapers.platforms.govlist`.
The page number stands in the fragment of the URL, which is never sent: an answer need not say which page it is.
Rules: SITES.md, A.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from scrapers.page import Page, Parsed, Request
from scrapers.platforms.common import query_of, read
from scrapers.platforms.govlist import GovList
from scrapers.platforms.jsons import count
from scrapers.source import Source

_SEARCH = "/module/xxgk/search.jsp"
_ARTICLES = GovList(re.compile(r"/art_\w+\.s?html?$", re.IGNORECASE), last_cell=True)
_PAGES = re.compile(
    r"共\s*(?:<[^>]*>\s*)*(\d{1,6})\s*(?:</[^>]*>\s*)*页|(?:totalpages?|pagecount)\W{1,4}(\d{1,6})", re.IGNORECASE
)
_FULL_PAGE = 10


@dataclass(frozen=True, slots=True)
class HanwebXxgk:
    """``params``: ``divid``, ``infotypeId``, ``jdid``, ``area`` of the search form; ``province`` and ``body``."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first page of the search. Raises `CatalogError` where the form lacks a parameter."""
        return _request(source, 1)

    def parse(self, page: Page) -> Parsed:
        """A page of the search or of a column, or an article. Raises `ParseError`."""
        parsed = _ARTICLES.parse(page)
        path = urlsplit(page.url).path
        if _ARTICLES.article.search(path):
            return parsed
        number = count(query_of(page.url).get("currpage")) or 1
        pages = _PAGES.search(read(page).text)
        known = int(pages[1] or pages[2]) if pages else 0
        more = number < known if known else len(parsed.notices) >= _FULL_PAGE
        return replace(parsed, next_page=_request(page.source, number + 1) if more else None)


def _request(source: Source, number: int) -> Request:
    form = {name: source.param(name) for name in ("divid", "infotypeId", "jdid", "area")}
    form |= {"vc_title": "", "vc_number": "", "currpage": str(number)}
    url = f"{urljoin(source.home, _SEARCH)}#currpage={number}"
    return Request(url, "POST", {"Referer": source.home}, form)
