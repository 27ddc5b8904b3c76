"""query.sse.com.cn: projects in IPO review as JSONP, for whoever comes from www.sse.com.cn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from simulator.facts import Project, Stage
from simulator.faults import Quirks
from simulator.sites.reviews import Reviews, marks
from simulator.sites.site import cut, script, shanghai, whole
from simulator.web import JSON, Ask, Reply

REFERERS = ("https://www.sse.com.cn/", "http://www.sse.com.cn/")
REFUSED = {"success": "false", "error": "系统繁忙...", "errorType": "ExceptionInterceptor"}
SIZES = (("pageSize", 25), ("pageNo", 1))


class Sse(Reviews):
    """The site. A project shows the status that it reached last; the newest change comes first."""

    hosts = ("query.sse.com.cn",)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != "/commonSoaQuery.do" or ask.param("sqlId") != "SH_XM_LB":
            return None
        if not ask.referer.startswith(REFERERS):
            return Reply(orjson.dumps(REFUSED), JSON)
        found = [(p, stage) for p, stage in self.reached(at, quirks) if _wanted(p, stage, ask)]
        size, number = (max(1, whole(ask.param(f"pageHelp.{name}"), default)) for name, default in SIZES)
        shown = cut(found, number - 1, size)
        pages = {
            "total": len(found),
            "pageSize": size,
            "pageNo": number,
            "pageCount": -(-len(found) // size),
            "data": [],
        }
        rows = [_row(project, stage, quirks) for project, stage in shown]
        answer = {"actionErrors": [], "pageHelp": pages, "result": rows}
        return script(ask.param("jsonCallBack"), answer, marks(shown))


def _wanted(project: Project, stage: Stage, ask: Ask) -> bool:
    markets = [market for market in ask.param("issueMarketType").split(",") if market]
    return (
        (not markets or project.board in markets)
        and ask.param("currStatus") in {"", stage.status}
        and ask.param("keyword") in project.company
    )


def _row(project: Project, stage: Stage, quirks: Quirks) -> dict[str, Any]:
    suffix = "科创板IPO项目" if project.board == "1" else "首次公开发行股票并在主板上市"
    return {
        "updateDate": "" if quirks.undated else shanghai(stage.at, "%Y%m%d%H%M%S"),
        "planIssueCapital": None,
        "stockAuditName": quirks.title(project.id, f"{project.company}{suffix}"),
        "currStatus": int(stage.status),
        "stockAuditNum": project.id,
        "intermediary": [
            {
                "i_intermediaryType": 1,
                "i_intermediaryAbbrName": project.sponsor,
                "i_intermediaryName": project.sponsor,
                "i_intermediaryOrder": 1,
                "i_person": [],
            }
        ],
        "stockIssuer": [{"s_province": None, "s_csrcCodeDesc": None}],
        "auditApplyDate": "" if quirks.undated else shanghai(project.stages[0].at, "%Y%m%d%H%M%S"),
        "issueMarketType": int(project.board),
        "commitiResult": "",
        "registeResult": "",
    }
