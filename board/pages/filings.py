"""Filings, and the pipeline of listings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.index.ask import Asked, count, ids
from board.pages.frame import PAGE, Choice, OnVisit, PageNumber, Text, page
from board.pages.paging import Paging
from board.summary import ipo
from events.event import IpoProgress, IpoStage

router = APIRouter(include_in_schema=False)
MOST_PROJECTS = 2000


@dataclass(frozen=True, slots=True)
class Project:
    """One listing application: where it stands, and how it came there."""

    last: IpoProgress
    steps: tuple[IpoProgress, ...]


@router.get("/filings", response_class=HTMLResponse)
async def filings(
    on: OnVisit,
    view: FromView,
    q: Text = "",
    stage: Choice = "",
    exchange: Choice = "",
    page_: Annotated[PageNumber, Query(alias="page")] = 1,
) -> HTMLResponse:
    """The applications by stage and exchange, and the latest documents of listed companies."""
    index = on.here.index
    moves = Asked(until=on.day, tags=("type=ipo_progress",))
    recent = await ids(index, moves, MOST_PROJECTS)
    found = await view.once("projects", on.day, work=lambda: view.events_of(recent))
    projects = [
        project
        for project in _projects([e for e in found if isinstance(e, IpoProgress)])
        if stage in {"", project.last.stage} and exchange in {"", project.last.exchange}
    ]
    documents = Asked(until=on.day, tags=("type=filing",), text=q)
    total = await count(index, documents)
    return page(
        on,
        "filings.html",
        stages=await view.once("ipo", on.day, work=lambda: ipo(view, on.day)),
        exchanges=("HKEX", "SSE", "SZSE", "BSE"),
        projects=projects[:PAGE],
        more=max(0, len(projects) - PAGE),
        stage=stage,
        exchange=exchange,
        q=q,
        order=[s.value for s in IpoStage][:6],
        filings=await view.events_of(await ids(index, documents, PAGE, (page_ - 1) * PAGE)),
        paging=Paging(page_, total),
    )


def _projects(moves: list[IpoProgress]) -> list[Project]:
    """The applications, that with the latest move first. Pure."""
    ranks = {stage: rank for rank, stage in enumerate(IpoStage)}
    held: dict[tuple[str, str], list[IpoProgress]] = {}
    for move in moves:
        held.setdefault((move.exchange, move.project_id), []).append(move)
    made = []
    for steps in held.values():
        steps.sort(key=lambda m: (m.event_time or m.detected_at, ranks[m.stage]))
        made.append(Project(steps[-1], tuple(steps)))
    return sorted(made, key=lambda p: p.last.event_time or p.last.detected_at, reverse=True)
