"""BSE (北京证券交易所): IPO review as JSONP, behind a script that sets a cookie on the first hop.

``Notice.fields`` as in `scrapers.platforms.projects`; ``raw_status`` is the code P01 to P101. Rules: SITES.md, A.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from events.notice import Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import jsons
from scrapers.platforms.common import each, notice
from scrapers.platforms.projects import company_of, time_of
from scrapers.source import Source
from scrapers.times import iso_day

_QUERY = "https://www.bse.cn/projectNewsController/infoResult.do?callback=cb"
_DETAIL = "https://www.bse.cn/projectNewsController/infoDetailResult.do?id="
_HEADERS = {"X-Requested-With": "XMLHttpRequest", "Referer": "https://www.bse.cn/"}


@dataclass(frozen=True, slots=True)
class Bse:
    """The IPO review list of BSE, newest change first, 20 projects a page."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The newest 20 projects."""
        return _request(0)

    def parse(self, page: Page) -> Parsed:
        """The projects of one page. Raises `ParseError`."""
        value, replaced = jsons.load(page)
        outer = value[0] if isinstance(value, list) and value else value
        found = jsons.mapping(outer, "the answer").get("listInfo")
        if not isinstance(found, dict) or "content" not in found:
            raise ParseError("the answer has no listInfo.content")
        rows = jsons.items(found["content"], "listInfo.content")
        after = jsons.count(found.get("number")) + 1
        more = bool(rows) and after < jsons.count(found.get("totalPages"))
        return Parsed(
            each(rows, lambda row: _row(page, row), "projects"), {}, _request(after) if more else None, replaced
        )


def _request(number: int) -> Request:
    form = {"page": str(number), "shzt": "", "sortfield": "updateDate", "sorttype": "desc", "keyword": ""}
    return Request(_QUERY, "POST", _HEADERS, form)


def _row(page: Page, value: object) -> Notice:
    row, zone = jsons.mapping(value, "a project"), page.source.zone
    ident, company = jsons.text_of(row, "id"), jsons.words_of(row, "companyName")
    updated = time_of(row.get("updateDate"), zone)
    fields = {
        "exchange": "BSE",
        "project_id": ident,
        "company": company_of(company),
        "raw_status": jsons.text_of(row, "status"),
        "board": "北交所",
        "sponsor": jsons.text_of(row, "sponsorOrg"),
        "stock_code": jsons.text_of(row, "stockCode"),
        "accepted_on": iso_day(time_of(row.get("receiveDate"), zone), zone),
        "updated_on": iso_day(updated, zone),
    }
    return notice(page, ident, f"{_DETAIL}{ident}", company, updated, fields=fields)
