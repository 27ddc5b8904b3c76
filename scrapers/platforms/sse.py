"""SSE (上海证券交易所): IPO review as JSONP, which needs the exchange's own Referer.

``Notice.fields`` as in `scrapers.platforms.projects`, and ``committee_result``, ``register_result`` (codes),
``planned_capital`` (as stated). Readers of the status codes conflict, so that only the raw code is kept. Rules: SITES.md, A.7.
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

_QUERY = (
    "https://query.sse.com.cn/commonSoaQuery.do?jsonCallBack=jsonpCallback1&sqlId=SH_XM_LB&issueMarketType=1,2&currStatus=&province="
    "&csrcCode=&keyword=&auditApplyDateBegin=&auditApplyDateEnd=&order=updateDate|desc,stockAuditNum|desc&isPagination=true"
    "&pageHelp.cacheSize=1&pageHelp.beginPage=1&pageHelp.endPage=1&pageHelp.pageSize=500&pageHelp.pageNo=1"
)
_HEADERS = {"Referer": "https://www.sse.com.cn/"}
_DETAIL = "https://www.sse.com.cn/listing/renewal/ipo/index_listing_detail.shtml?auditId="
_BOARDS = {"1": "科创板", "2": "主板"}
_SPONSOR = "1"


@dataclass(frozen=True, slots=True)
class Sse:
    """The IPO review list of SSE, newest change first."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first 500 projects."""
        return Request(_QUERY, headers=_HEADERS)

    def parse(self, page: Page) -> Parsed:
        """The projects of one page. Raises `ParseError`, also for the error that SSE answers with 200."""
        value, replaced = jsons.load(page)
        answer = jsons.mapping(value, "the answer")
        pager = answer["pageHelp"] if isinstance(answer.get("pageHelp"), dict) else {}
        if "result" not in answer and "data" not in pager:
            said = jsons.text_of(answer, "error", "errorMsg", "errorType")
            raise ParseError(f"SSE answered with an error: {said}" if said else "the answer has no result")
        rows = jsons.items(answer.get("result"), "result") or jsons.items(pager.get("data"), "pageHelp.data")
        return Parsed(each(rows, lambda row: _row(page, row), "projects"), {}, _next(page, pager, bool(rows)), replaced)


def _next(page: Page, pager: dict[str, Any], shown: bool) -> Request | None:
    number = jsons.count(pager.get("pageNo"))
    if not shown or not 0 < number < jsons.count(pager.get("pageCount")):
        return None
    after = str(number + 1)
    pages = {f"pageHelp.{name}": after for name in ("pageNo", "beginPage", "endPage")}
    asked = page.url if "sqlId=" in page.url else _QUERY
    return Request(with_query(asked, **pages), headers=_HEADERS)


def _row(page: Page, value: object) -> Notice:
    row, zone = jsons.mapping(value, "a project"), page.source.zone
    ident, name = jsons.text_of(row, "stockAuditNum"), jsons.words_of(row, "stockAuditName") or _issuer(row)
    updated, market = time_of(row.get("updateDate"), zone), jsons.text_of(row, "issueMarketType")
    fields = {
        "exchange": "SSE",
        "project_id": ident,
        "company": company_of(name),
        "raw_status": jsons.text_of(row, "currStatus"),
        "board": _BOARDS.get(market, market),
        "sponsor": _sponsor(row),
        "accepted_on": iso_day(time_of(row.get("auditApplyDate"), zone), zone),
        "updated_on": iso_day(updated, zone),
        "committee_result": jsons.text_of(row, "commitiResult"),
        "register_result": jsons.text_of(row, "registeResult"),
        "planned_capital": jsons.text_of(row, "planIssueCapital"),
    }
    return notice(page, ident, f"{_DETAIL}{ident}", name, updated, fields=fields)


def _issuer(row: dict[str, Any]) -> str:
    """The company as its own entry names it, for a project without a name."""
    people = (one for one in jsons.items(row.get("stockIssuer"), "stockIssuer") if isinstance(one, dict))
    names = (jsons.text_of(one, "s_issueCompanyFullName", "s_issueCompanyAbbrName") for one in people)
    return next(filter(None, names), "")


def _sponsor(row: dict[str, Any]) -> str:
    """The sponsors (保荐机构, intermediaries of type 1) in full, joined by 、."""
    people = [one for one in jsons.items(row.get("intermediary"), "intermediary") if isinstance(one, dict)]
    sponsors = (one for one in people if jsons.text_of(one, "i_intermediaryType") == _SPONSOR)
    return "、".join(
        filter(None, (jsons.text_of(one, "i_intermediaryName", "i_intermediaryAbbrName") for one in sponsors))
    )
