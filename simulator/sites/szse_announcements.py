"""www.szse.cn, announcements: JSON to a posted body of JSON; a form is answered 500, as the real site does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from simulator.facts import Announcement
from simulator.faults import Quirks
from simulator.sites.papers import finalpage
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, cut, shanghai
from simulator.web import JSON, Ask, Reply, marked

QUERY = "/api/disc/announcement/annList"
DISK = "disc/disk03"
CODES = ("0", "2", "3")
"""The first digits of the codes that are listed in Shenzhen."""


class SzseAnnouncements:
    """The announcements of companies listed in Shenzhen."""

    hosts = ("www.szse.cn",)
    faults = ALL_BUT_MARKUP

    def __init__(self, announcements: Sequence[Announcement]) -> None:
        own = (row for row in announcements if row.code.startswith(CODES))
        self._rows = sorted(own, key=lambda row: row.published, reverse=True)
        self.timeline = Timeline(row.published for row in self._rows)

    def newest(self, at: datetime) -> str | None:
        return next((row.id for row in self._rows if row.published <= at), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != QUERY or ask.method != "POST":
            return None
        try:
            asked = orjson.loads(ask.data)
        except orjson.JSONDecodeError:
            return Reply(b'{"error":"Internal Server Error","status":500}', JSON, status=500)
        rows = [r for r in self._rows if r.published <= at and quirks.listed(r.id) and _wanted(r, asked)]
        shown = cut(rows, max(0, int(asked.get("pageNum", 1)) - 1), max(1, int(asked.get("pageSize", 30))))
        answer = {"announceCount": len(rows), "data": [_row(row, quirks) for row in shown]}
        return Reply(orjson.dumps(answer), JSON, illustrative=marked((row.id, row.illustrative) for row in shown))


def _wanted(row: Announcement, asked: dict[str, Any]) -> bool:
    first, last = (asked.get("seDate") or ["", ""])[:2]
    day, stocks = shanghai(row.published, "%Y-%m-%d"), asked.get("stock") or []
    return (not first or first <= day <= (last or first)) and (not stocks or row.code in stocks)


def _row(row: Announcement, quirks: Quirks) -> dict[str, Any]:
    day = shanghai(row.published, "%Y-%m-%d")
    return {
        "id": f"{row.id}-0000-4000-8000-000000000000",
        "annId": int(row.id),
        "title": quirks.title(row.id, row.title),
        "content": None,
        "publishTime": None if quirks.undated else f"{day} 00:00:00",
        "attachPath": f"/{DISK}/{finalpage(row)}",
        "attachFormat": "PDF",
        "attachSize": row.size_kb,
        "secCode": [row.code],
        "secName": [row.name],
        "bondType": None,
        "bigIndustryCode": None,
        "bigCategoryId": [row.category],
        "smallCategoryId": None,
        "channelCode": None,
    }
