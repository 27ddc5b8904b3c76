"""www1.hkexnews.hk: applications for listing as static JSON, one file a state, board and language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from simulator.facts import Project, Stage
from simulator.faults import Quirks
from simulator.sites.site import ALL_BUT_MARKUP, DAWN, Timeline, millis, shanghai
from simulator.web import JSON, Ask, Reply, marked

_FILE = re.compile(
    r"/ncms/json/eds/app(?P<state>active_app|active_appphip|inactive|listed|returned)_(?P<board>sehk|gem)_(?P<lang>[ce])\.json"
)
LINGERS = timedelta(days=60)
"""For how long an active file still shows an application that was listed or lapsed, under its new status."""


class Hkex:
    """The site. Its dates are those of Hong Kong, which has the offset of Shanghai."""

    hosts = ("www1.hkexnews.hk",)
    faults = ALL_BUT_MARKUP

    def __init__(self, projects: Sequence[Project]) -> None:
        self._projects = sorted(projects, key=lambda project: project.stages[0].at, reverse=True)
        instants = [stage.at for project in projects for stage in project.stages]
        gone = [stage.at + LINGERS for project in projects for stage in project.stages if stage.status != "A"]
        self.timeline = Timeline([*instants, *gone, *(p.hearing_passed for p in projects if p.hearing_passed)])

    def newest(self, at: datetime) -> str | None:
        return next((project.id for project in self._projects if project.stage(at)), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        file = _FILE.fullmatch(ask.path)
        if not file:
            return None
        shown = [
            (project, stage)
            for project in self._projects
            if project.board == file["board"]
            and (stage := project.stage(at))
            and quirks.listed(project.id)
            and _belongs(project, stage, file["state"], at)
        ]
        rows = [_row(project, stage, at, file, quirks) for project, stage in shown]
        text = orjson.dumps({"genDate": str(millis(at)), "uDate": "" if at == DAWN else _day(at), "app": rows})
        keys = marked((project.id, project.illustrative) for project, _ in shown)
        return Reply(text, JSON, modified=at, illustrative=keys)


def _belongs(project: Project, stage: Stage, state: str, at: datetime) -> bool:
    """Whether a file shows an application. The active ones are split by whether the hearing has been passed."""
    heard = _hearing(project, at) is not None
    active = stage.status == "A" or at < stage.at + LINGERS
    match state:
        case "active_app":
            return active and not heard
        case "active_appphip":
            return active and heard
        case "listed":
            return stage.status == "LT"
        case "inactive":
            return stage.status == "IR"
        case _:
            return False


def _hearing(project: Project, at: datetime) -> datetime | None:
    passed = project.hearing_passed
    return passed if passed and passed <= at else None


def _row(project: Project, stage: Stage, at: datetime, file: re.Match[str], quirks: Quirks) -> dict[str, Any]:
    filed, chinese = project.stages[0].at, file["lang"] == "c"
    name = project.company if chinese else project.company_en or project.company
    day = "" if quirks.undated else _day(filed)
    hearing = _hearing(project, at)
    row: dict[str, Any] = {
        "id": int(project.id),
        "d": day,
        "a": quirks.title(project.id, name),
        "s": stage.status,
        "hasPhip": hearing is not None,
        "ls": [
            _document(
                project, filed, day, "申請版本（第一次呈交）" if chinese else "Application Proof (1st submission)"
            )
        ],
        "ps": [],
    }
    if hearing:
        day = "" if quirks.undated else _day(hearing)
        row["ps"] = [
            _document(project, hearing, day, "聆訊後資料集（第一次呈交）" if chinese else "PHIP (1st submission)")
        ]
    if stage.status == "LT" and project.stock_code:
        row["st"] = f"{project.stock_code} (listed only)"
    if stage.status != "A":
        row["postingDate"] = f"{stage.at:%b} {stage.at.day}, {stage.at:%Y}"
    return row


def _document(project: Project, at: datetime, day: str, name: str) -> dict[str, str]:
    stamp = f"{shanghai(at, '%y%m%d')}0{int(project.id) % 10000:04d}"
    folder = f"{project.board}/{shanghai(at, '%Y')}/{project.id}"
    return {
        "d": day,
        "nF": name,
        "nS1": "全文檔案",
        "nS2": "多檔案",
        "u1": f"{folder}/documents/{project.board}{stamp}_c.pdf",
        "u2": f"{folder}/20{stamp}_c.htm",
    }


def _day(at: datetime) -> str:
    return shanghai(at, "%d/%m/%Y")
