"""www.szse.cn: projects in IPO review as JSON. Its dates are days written as midnights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from simulator.facts import Project, Stage
from simulator.faults import Quirks
from simulator.sites.reviews import Reviews, marks
from simulator.sites.site import cut, shanghai, whole
from simulator.web import JSON, Ask, Reply

QUERY = "/api/ras/projectrends/query"
STAGES = {
    "新受理": 10,
    "已问询": 20,
    "通过": 30,
    "未通过": 30,
    "暂缓审议": 30,
    "提交注册": 35,
    "注册生效": 40,
    "不予注册": 40,
    "中止": 50,
    "终止注册": 60,
    "审核不通过": 60,
    "撤回": 60,
}
"""The stage that each status (prjst) belongs to."""


class Szse(Reviews):
    """The site. The newest change comes first."""

    hosts = ("www.szse.cn",)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != QUERY:
            return None
        stage_asked = ask.param("stage")
        found = [pair for pair in self.reached(at, quirks) if stage_asked in {"", str(STAGES[pair[1].status])}]
        size, number = max(1, whole(ask.param("pageSize"), 10)), whole(ask.param("pageIndex"), 0)
        shown = cut(found, number, size)
        answer = {
            "totalPage": -(-len(found) // size),
            "pageSize": size,
            "totalSize": len(found),
            "start": number * size,
            "currentPage": number + 1,
            "pageIndex": number,
            "stageList": [],
            "data": [_row(project, stage, quirks) for project, stage in shown],
        }
        keys = marks(shown)
        return Reply(orjson.dumps(answer), JSON, modified=at, illustrative=keys)


def _row(project: Project, stage: Stage, quirks: Quirks) -> dict[str, Any]:
    return {
        "prjid": int(project.id),
        "cmpnm": quirks.title(project.id, project.company),
        "cmpsnm": project.company,
        "prjst": stage.status,
        "stage": STAGES[stage.status],
        "boardName": project.board,
        "sprinsts": project.sponsor,
        "updtdt": None if quirks.undated else shanghai(stage.at, "%Y-%m-%d 00:00:00"),
        "acptdt": None if quirks.undated else shanghai(project.stages[0].at, "%Y-%m-%d 00:00:00"),
    }
