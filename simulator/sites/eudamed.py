"""ec.europa.eu, EUDAMED: devices by trade name or manufacturer, as paged JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from simulator.facts import Item
from simulator.faults import Quirks
from simulator.sites.site import Items, cut, marks_of, whole
from simulator.web import JSON, Ask, Reply

SEARCH = "/tools/eudamed/api/devices/udiDiData"


class Eudamed(Items):
    """The key of an item is its uuid. A search takes the beginning of any word of the trade name."""

    hosts = ("ec.europa.eu",)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != SEARCH:
            return None
        name, srn = ask.param("tradeName").casefold(), ask.param("srn")
        items = [
            item
            for item in self.shown(at, quirks)
            if name in item.title.casefold() and (not srn or srn == item.said["srn"])
        ]
        size, number = max(1, whole(ask.param("pageSize"), 25)), whole(ask.param("page"), 0)
        shown = cut(items, number, size)
        answer = {
            "content": [_row(item, quirks) for item in shown],
            "totalElements": len(items),
            "totalPages": -(-len(items) // size),
            "last": (number + 1) * size >= len(items),
            "first": number == 0,
            "number": number,
            "size": size,
            "numberOfElements": len(shown),
            "empty": not shown,
        }
        return Reply(orjson.dumps(answer), JSON, illustrative=marks_of(shown))


def _row(item: Item, quirks: Quirks) -> dict[str, Any]:
    return {
        "basicUdi": item.said["basic"],
        "primaryDi": item.said["primary"],
        "uuid": item.key,
        "riskClass": {"code": f"refdata.risk-class.{item.said['risk']}"},
        "tradeName": quirks.title(item.key, item.title),
        "manufacturerName": item.said["company"],
        "manufacturerSrn": item.said["srn"],
        "deviceStatusType": {"code": "refdata.device-model-status.on-the-market"},
        "latestVersion": True,
        "versionNumber": 1,
    }
