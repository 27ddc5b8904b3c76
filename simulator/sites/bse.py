"""www.bse.cn: projects in IPO review as JSONP to a posted form."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from typing import Any

from events.clock import SHANGHAI
from simulator.facts import Project, Stage
from simulator.faults import Quirks
from simulator.sites.reviews import Reviews, marks
from simulator.sites.site import cut, millis, script, whole
from simulator.web import Ask, Reply

QUERY = "/projectNewsController/infoResult.do"
SIZE = 20


class Bse(Reviews):
    """The site. An acceptance states its instant, an update only its day (as a midnight)."""

    hosts = ("www.bse.cn",)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != QUERY or ask.method != "POST":
            return None
        found = [
            (project, stage)
            for project, stage in self.reached(at, quirks)
            if ask.field("shzt") in {"", stage.status} and ask.field("keyword") in project.company
        ]
        number = whole(ask.field("page"), 0)
        shown = cut(found, number, SIZE)
        counts = Counter(stage.status for _, stage in found)
        content = {
            "content": [_row(project, stage, quirks) for project, stage in shown],
            "totalPages": -(-len(found) // SIZE),
            "totalElements": len(found),
            "number": number,
            "size": SIZE,
        }
        answer = [
            {"countsInfo": [{"cnt": n, "status": status} for status, n in sorted(counts.items())], "listInfo": content}
        ]
        return script(ask.param("callback", "null"), answer, marks(shown))


def _row(project: Project, stage: Stage, quirks: Quirks) -> dict[str, Any]:
    midnight = datetime.combine(stage.at.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    return {
        "companyName": quirks.title(project.id, project.company),
        "status": stage.status,
        "sponsorOrg": project.sponsor,
        "stockCode": project.stock_code,
        "id": int(project.id),
        "receiveDate": None if quirks.undated else {"time": millis(project.stages[0].at)},
        "updateDate": None if quirks.undated else {"time": millis(midnight)},
    }
