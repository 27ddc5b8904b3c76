"""www1.hkexnews.hk, filings: the feed of the latest ones as static JSON, and the title search, whose result is a string."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson

from simulator.facts import Item
from simulator.faults import Quirks
from simulator.sites.site import Items, cut, marks_of, millis, shanghai, whole
from simulator.web import JSON, Ask, Reply

SEARCH = "/search/titleSearchServlet.do"
SIZE = 500
_FEED = re.compile(r"/ncms/json/eds/lcisehk1relsd\w_(?P<number>\d+)\.json")


class HkexNews(Items):
    """Of the search only the span of days and the number of rows are looked at."""

    hosts = ("www1.hkexnews.hk",)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        items = self.shown(at, quirks)
        if ask.path == SEARCH:
            first, last = ask.param("fromDate"), ask.param("toDate")
            items = [i for i in items if not first or first <= shanghai(i.published, "%Y%m%d") <= last]
            shown = items[: whole(ask.param("rowRange"), 100)]
            rows = [_found(item, len(items), quirks) for item in shown]
            answer = {
                "result": orjson.dumps(rows).decode() if rows else "null",
                "hasNextRow": len(shown) < len(items),
                "rowRange": len(shown),
                "loadedRecord": len(shown),
                "recordCnt": len(items),
            }
            return Reply(orjson.dumps(answer), JSON, illustrative=marks_of(shown))
        feed = _FEED.fullmatch(ask.path)
        files = max(1, -(-len(items) // SIZE))
        if feed is None or not 0 < int(feed["number"]) <= files:
            return None
        part = list(cut(items, int(feed["number"]) - 1, SIZE))
        answer = {"genDate": str(millis(at)), "maxNumOfFile": files, "newsInfoLst": [_row(i, quirks) for i in part]}
        return Reply(orjson.dumps(answer), JSON, modified=at, illustrative=marks_of(part))


def _stocks(item: Item) -> list[dict[str, str]]:
    """The stocks of a filing, written ``code name; code name``."""
    pairs = (one.strip().partition(" ") for one in item.said.get("stock", "").split(";") if one.strip())
    return [{"sc": code, "sn": name} for code, _, name in pairs]


def _time(item: Item, quirks: Quirks) -> str:
    return "" if quirks.undated else shanghai(item.published, "%d/%m/%Y %H:%M")


def _row(item: Item, quirks: Quirks) -> dict[str, Any]:
    stocks = _stocks(item)
    return {
        "newsId": int(item.key),
        "lTxt": item.said.get("headline", ""),
        "sTxt": item.said.get("headline", ""),
        "title": quirks.title(item.key, item.title),
        "ext": "pdf",
        "size": "374KB",
        "webPath": _path(item),
        "market": "SEHK",
        "multi": int(len(stocks) > 1),
        "t1Code": item.said.get("t1", "10000"),
        "t2Code": item.said.get("t2", ""),
        "stock": stocks,
        "relTime": _time(item, quirks),
    }


def _found(item: Item, total: int, quirks: Quirks) -> dict[str, str]:
    stocks = _stocks(item)
    return {
        "FILE_INFO": "374KB",
        "NEWS_ID": item.key,
        "SHORT_TEXT": item.said.get("headline", ""),
        "TOTAL_COUNT": str(total),
        "DOD_WEB_PATH": "",
        "STOCK_NAME": "<br/>".join(one["sn"] for one in stocks),
        "TITLE": quirks.title(item.key, item.title).replace(";", "&#x3b;"),
        "FILE_TYPE": "PDF",
        "DATE_TIME": _time(item, quirks),
        "LONG_TEXT": item.said.get("headline", ""),
        "STOCK_CODE": "<br/>".join(one["sc"] for one in stocks),
        "FILE_LINK": _path(item),
    }


def _path(item: Item) -> str:
    day = shanghai(item.published, "%Y/%m%d")
    return f"/listedco/listconews/sehk/{day}/{shanghai(item.published, '%Y%m%d')}{int(item.key) % 100000:05d}.pdf"
