"""www.nhsa.gov.cn: hanweb columns, whose records stand as CDATA in the page and behind dataproxy.jsp."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from events.clock import SHANGHAI
from simulator.facts import Article
from simulator.faults import Quirks
from simulator.markup import page
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, shanghai, whole
from simulator.web import XML, Ask, Reply, marked

GROUP = 45
PER_PAGE = 15
PROXY = "/module/web/jpage/dataproxy.jsp"
NAMES = {104: "政策法规", 109: "通知公告", 187: "国家组织集采", 201: "医疗服务价格项目立项指南"}
_COLUMN = re.compile(r"/col/col(\d+)/(?:index\.html)?")


def path_of(article: Article) -> str:
    """The path of an article, its date without zero padding."""
    day = article.published.astimezone(SHANGHAI).date()
    return f"/art/{day.year}/{day.month}/{day.day}/art_{article.column}_{article.id}.html"


class Nhsa:
    """The site."""

    hosts = ("www.nhsa.gov.cn",)
    faults = ALL_BUT_MARKUP

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = sorted(articles, key=lambda article: article.published, reverse=True)
        self._by_path = {path_of(article): article for article in articles}
        self.timeline = Timeline(article.published for article in articles)

    def newest(self, at: datetime) -> str | None:
        return next((path_of(article) for article in self._articles if article.published <= at), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if (column := _COLUMN.fullmatch(ask.path)) and int(column[1]) in NAMES:
            return self._list(int(column[1]), at, quirks)
        if ask.path == PROXY and ask.method == "POST":
            return self._records(ask, at, quirks)
        article = self._by_path.get(ask.path)
        if article is None or article.published > at or ask.path in quirks.withdrawn:
            return None
        return _detail(article, quirks)

    def _of(self, column: int, at: datetime, quirks: Quirks) -> list[Article]:
        return [a for a in self._articles if a.column == column and a.published <= at and quirks.listed(path_of(a))]

    def _list(self, column: int, at: datetime, quirks: Quirks) -> Reply:
        rows = self._of(column, at, quirks)
        body = page("nhsa_list.html", name=NAMES[column], datastore=_datastore(rows, 1, GROUP, quirks))
        return Reply(body, modified=at, illustrative=_marked(rows[:GROUP]))

    def _records(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply:
        rows = self._of(whole(ask.field("columnid"), 0), at, quirks)
        first = max(1, whole(ask.param("startrecord"), 1))
        last = whole(ask.param("endrecord"), GROUP)
        text = "<?xml version='1.0' encoding='utf-8'?>" + _datastore(rows, first, last, quirks)
        return Reply(text.encode(), XML, illustrative=_marked(rows[first - 1 : last]))


def _datastore(rows: Sequence[Article], first: int, last: int, quirks: Quirks) -> str:
    """Records ``first`` to ``last`` (from 1), newest first, with the link to the next group where there is one."""
    records = "".join(
        f"<record><![CDATA[\n{_record(number, article, quirks)}\n]]></record>"
        for number, article in enumerate(rows[first - 1 : last], first)
    )
    query = f"page=1&startrecord={last + 1}&endrecord={last + GROUP}&perpage={PER_PAGE}"
    more = f'<nextgroup><![CDATA[<a href="{PROXY}?{query}"></a>]]></nextgroup>' if len(rows) > last else ""
    totals = f"<totalrecord>{len(rows)}</totalrecord><totalpage>{-(-len(rows) // PER_PAGE)}</totalpage>"
    return f"<datastore>{more}{totals}<recordset>{records}</recordset></datastore>"


def _record(number: int, article: Article, quirks: Quirks) -> str:
    path = path_of(article)
    return page(
        "nhsa_record.html",
        number=number,
        path=path,
        title=quirks.title(path, article.title),
        document_number=article.document_number or "",
        date="" if quirks.undated else shanghai(article.published, "%Y-%m-%d"),
    ).decode()


def _detail(article: Article, quirks: Quirks) -> Reply:
    path = path_of(article)
    body = page(
        "nhsa_detail.html",
        name=NAMES[article.column],
        title=quirks.title(path, article.title),
        published="" if quirks.undated else shanghai(article.published, "%Y-%m-%d %H:%M"),
        document_number=article.document_number or "",
        body=quirks.title(path, article.body),
    )
    return Reply(body, modified=article.published, illustrative=_marked([article]))


def _marked(articles: Sequence[Article]) -> str | None:
    return marked((path_of(article), article.illustrative) for article in articles)
