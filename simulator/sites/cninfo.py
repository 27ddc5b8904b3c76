"""www.cninfo.com.cn: announcements of listed companies, as JSON to a posted form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

import orjson

from events.clock import SHANGHAI
from simulator.facts import Announcement
from simulator.faults import Quirks
from simulator.sites.papers import finalpage
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, cut, millis, shanghai, whole
from simulator.web import JSON, Ask, Reply, marked

QUERY = "/new/hisAnnouncement/query"
COLUMNS = {"": "03468", "szse": "03468", "sse": "6"}
"""The first digits of the codes that a column covers; szse is Shenzhen, Shanghai and Beijing together."""

PLATES = {"": "03468", "sz": "03", "sh": "6"}


class Cninfo:
    """The site. Its rows state midnight of their day, as most real ones do."""

    hosts = ("www.cninfo.com.cn",)
    faults = ALL_BUT_MARKUP

    def __init__(self, announcements: Sequence[Announcement]) -> None:
        self._rows = sorted(announcements, key=lambda row: row.published, reverse=True)
        self.timeline = Timeline(row.published for row in announcements)

    def newest(self, at: datetime) -> str | None:
        return next((row.id for row in self._rows if row.published <= at), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != QUERY or ask.method != "POST":
            return None
        rows = [r for r in self._rows if r.published <= at and quirks.listed(r.id) and _wanted(r, ask)]
        number, size = max(1, whole(ask.field("pageNum"), 1)), max(1, whole(ask.field("pageSize"), 30))
        shown = cut(rows, number - 1, size)
        answer = {
            "classifiedAnnouncements": None,
            "totalSecurities": 0,
            "totalAnnouncement": len(rows),
            "totalRecordNum": len(rows),
            "announcements": [_row(row, ask, quirks) for row in shown] or None,
            "categoryList": None,
            "hasMore": number * size < len(rows),
            "totalpages": -(-len(rows) // size),
        }
        return Reply(orjson.dumps(answer), JSON, illustrative=marked((row.id, row.illustrative) for row in shown))


def _wanted(row: Announcement, ask: Ask) -> bool:
    first, _, last = ask.field("seDate").partition("~")
    day = shanghai(row.published, "%Y-%m-%d")
    stocks = [stock.partition(",")[0] for stock in ask.field("stock").split(";") if stock]
    categories = [category for category in ask.field("category").split(";") if category]
    return (
        row.code.startswith(tuple(COLUMNS.get(ask.field("column"), "")))
        and row.code.startswith(tuple("".join(PLATES.get(plate, "") for plate in ask.field("plate").split(";"))))
        and (not first or first <= day <= (last or first))
        and (not stocks or row.code in stocks)
        and (not categories or row.category in categories)
        and ask.field("searchkey") in row.title
    )


def _row(row: Announcement, ask: Ask, quirks: Quirks) -> dict[str, Any]:
    key, title = ask.field("searchkey"), quirks.title(row.id, row.title)
    midnight = datetime.combine(row.published.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    return {
        "id": None,
        "secCode": row.code,
        "secName": row.name,
        "orgId": row.org_id,
        "announcementId": row.id,
        "announcementTitle": title.replace(key, f"<em>{key}</em>")
        if key and ask.field("isHLtitle") == "true"
        else title,
        "announcementTime": None if quirks.undated else millis(midnight),
        "adjunctUrl": finalpage(row),
        "adjunctSize": row.size_kb,
        "adjunctType": "PDF",
        "storageTime": None,
        "columnId": "09020202||250101||251302",
        "pageColumn": "SZCY" if row.code.startswith("3") else "SZZB",
        "announcementType": "01010503||010113||01239901",
        "associateAnnouncement": None,
        "important": None,
        "batchNum": None,
        "announcementContent": "",
        "orgName": None,
        "announcementTypeName": None,
    }
