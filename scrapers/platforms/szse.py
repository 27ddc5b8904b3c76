"""SZSE (深圳证券交易所): IPO review as JSON.

``Notice.fields`` as in `scrapers.platforms.projects`: ``raw_status`` is the code of the stage (10 to 60), ``status_text`` the
status in words (已问询). Rules: SITES.md, A.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.notice import Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import jsons
from scrapers.platforms.common import each, notice, with_query
from scrapers.platforms.projects import company_of, time_of
from scrapers.source import Source
from scrapers.times import iso_day

_QUERY = "https://www.szse.cn/api/ras/projectrends/query?bizType=1&pageIndex=0&pageSize=200"
_DETAIL = "https://www.szse.cn/api/ras/projectrends/details?id="
_HEADERS = {
    "X-Requested-With": "XMLHttpRequest",
    "Referer": "https://www.szse.cn/",
}


@dataclass(frozen=True, slots=True)
class Szse:
    """The IPO review list of SZSE, newest change first."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first 200 projects."""
        return Request(_QUERY, headers=_HEADERS)

    def parse(self, page: Page) -> Parsed:
        """The projects of one page. Raises `ParseError`."""
        value, replaced = jsons.load(page)
        outer = value[0] if isinstance(value, list) and value else value
        answer = jsons.mapping(outer, "the answer")
        if isinstance(answer.get("data"), dict):
            answer = answer["data"]
        if "data" not in answer:
            raise ParseError("the answer has no data")
        rows = jsons.items(answer["data"], "data")
        return Parsed(
            each(rows, lambda row: _row(page, row), "projects"), {}, _next(page, answer, bool(rows)), replaced
        )


def _next(page: Page, answer: dict[str, Any], shown: bool) -> Request | None:
    after = jsons.count(answer.get("pageIndex")) + 1
    if not shown or after >= jsons.count(answer.get("totalPage")):
        return None
    asked = page.url if "/projectrends/query" in page.url else _QUERY
    return Request(with_query(asked, pageIndex=str(after)), headers=_HEADERS)


def _row(page: Page, value: object) -> Notice:
    row, zone = jsons.mapping(value, "a project"), page.source.zone
    ident, name = jsons.text_of(row, "prjid"), jsons.words_of(row, "cmpnm", "cmpsnm")
    updated = time_of(row.get("updtdt"), zone)
    fields = {
        "exchange": "SZSE",
        "project_id": ident,
        "company": company_of(name),
        "raw_status": jsons.text_of(row, "stage", "prjst"),
        "status_text": jsons.text_of(row, "prjst"),
        "board": jsons.text_of(row, "boardName"),
        "sponsor": jsons.text_of(row, "sprinsts"),
        "accepted_on": iso_day(time_of(row.get("acptdt"), zone), zone),
        "updated_on": iso_day(updated, zone),
    }
    return notice(page, ident, f"{_DETAIL}{ident}", name, updated, fields=fields)
