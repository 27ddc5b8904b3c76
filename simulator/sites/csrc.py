"""www.csrc.gov.cn: two columns as HTML and as the JSON of the search list, and articles; eid.csrc.gov.cn: prospectuses."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson

from simulator.facts import Facts, Item
from simulator.faults import Quirks
from simulator.markup import page
from simulator.sites.site import Items, cut, marks_of, millis, shanghai, whole
from simulator.web import JSON, Ask, Reply

COLUMNS = {
    "c105984": ("境外发行上市备案通知书", "csrc-filings", "a1a078ee0bc54721ab6b148884c7c984"),
    "c105983": ("境外发行上市备案补充材料要求公示", "csrc-requests", "a1a078ee0bc54721ab6b148884c7c983"),
}
"""Number of the column → its name, the site of its facts, its channel."""

SIZE = 18
_LIST = re.compile(r"/csrc/(?P<column>c\d+)/common_xq_list\.shtml")
_ARTICLE = re.compile(r"/csrc/(?P<column>c\d+)/(?P<id>c\d+)/content\.shtml")
_SEARCH = re.compile(r"/searchList/(?P<channel>\w+)")


class Csrc(Items):
    """The key of an item is the path of its article."""

    hosts = ("www.csrc.gov.cn",)

    def __init__(self, facts: Facts) -> None:
        both = [*facts.items("csrc-filings"), *facts.items("csrc-requests")]
        super().__init__(sorted(both, key=lambda item: item.published, reverse=True))

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        items = self.shown(at, quirks)
        if found := _LIST.fullmatch(ask.path):
            return _list(found["column"], items, at, quirks)
        if found := _SEARCH.fullmatch(ask.path):
            return _search(found["channel"], items, ask, quirks)
        wanted = next((i for i in self._items if i.key == ask.path and i.published <= at), None)
        return _article(wanted, quirks) if wanted and ask.path.endswith("/content.shtml") else None


def _of(items: list[Item], site: str) -> list[Item]:
    return [item for item in items if item.site == site]


def _list(column: str, items: list[Item], at: datetime, quirks: Quirks) -> Reply | None:
    if column not in COLUMNS:
        return None
    name, site, channel = COLUMNS[column]
    rows = [
        {
            "href": i.key,
            "title": quirks.title(i.key, i.title),
            "day": "" if quirks.undated else shanghai(i.published, "%Y-%m-%d"),
        }
        for i in _of(items, site)[:SIZE]
    ]
    body = page("csrc_list.html", column=name, channel=channel, rows=rows)
    return Reply(body, modified=at, illustrative=marks_of(_of(items, site)))


def _search(channel: str, items: list[Item], ask: Ask, quirks: Quirks) -> Reply | None:
    site = next((site for _, site, own in COLUMNS.values() if own == channel), None)
    if site is None:
        return None
    rows, size = _of(items, site), max(1, whole(ask.param("_pageSize"), SIZE))
    number = max(1, whole(ask.param("page"), 1))
    shown = cut(rows, number - 1, size)
    answer = {
        "code": "200",
        "msg": "success",
        "data": {
            "total": len(rows),
            "page": number,
            "rows": size,
            "channelId": channel,
            "results": [_result(i, quirks) for i in shown],
        },
    }
    return Reply(orjson.dumps(answer), JSON, illustrative=marks_of(shown))


def _result(item: Item, quirks: Quirks) -> dict[str, Any]:
    return {
        "title": quirks.title(item.key, item.title),
        "content": item.said.get("text", ""),
        "contentHtml": "".join(f"<p>{line}</p>" for line in item.said.get("text", "").split("\n")),
        "publishedTime": None if quirks.undated else millis(item.published),
        "publishedTimeStr": "" if quirks.undated else shanghai(item.published, "%Y-%m-%d %H:%M:%S"),
        "url": f"//www.csrc.gov.cn{item.key}",
        "resList": [],
    }


def _article(item: Item, quirks: Quirks) -> Reply:
    body = page(
        "csrc_detail.html",
        title=quirks.title(item.key, item.title),
        published="" if quirks.undated else shanghai(item.published, "%Y-%m-%d %H:%M"),
        lines=item.said.get("text", "").split("\n"),
    )
    return Reply(body, modified=item.published, illustrative=marks_of([item]))


class Prospectuses(Items):
    """eid.csrc.gov.cn. ``said`` gives the company, the board's number and name, the kind of document and the PDF."""

    hosts = ("eid.csrc.gov.cn",)
    size = 15
    _page = re.compile(r"/ipo/(?P<board>\d+)/index(?:_(?P<n>\d+))?_f\.html")

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        found = self._page.fullmatch(ask.path)
        if found is None or found["board"] not in {item.said["board_number"] for item in self._items}:
            return None
        items = [item for item in self.shown(at, quirks) if item.said["board_number"] == found["board"]]
        shown = cut(items, int(found["n"] or 1) - 1, self.size)
        rows = [
            item.said
            | {"company": quirks.title(item.key, item.said["company"]), "url": f"http://eid.csrc.gov.cn{item.key}"}
            | {"day": "" if quirks.undated else shanghai(item.published, "%Y-%m-%d")}
            for item in shown
        ]
        return Reply(page("csrc_ipo.html", rows=rows), modified=at, illustrative=marks_of(shown))
