"""Filings, and the pipeline of listings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.index.ask import Asked, count, ids
from board.index.projects import Project, projects
from board.pages.frame import PAGE, Choice, OnVisit, PageNumber, Text, page
from board.pages.paging import Paging
from board.reading import Reading
from board.summary import ipo
from events.event import IpoProgress, IpoStage

router = APIRouter(include_in_schema=False)
MOST_STEPS = 12
"""The last moves of an application that are shown."""


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
    found = await projects(index, on.day, stage, exchange)
    documents = Asked(until=on.day, tags=("type=filing",), text=q)
    total = await count(index, documents)
    return page(
        on,
        "filings.html",
        stages=await view.once("ipo", on.day, work=lambda: ipo(view, on.day)),
        exchanges=("HKEX", "SSE", "SZSE", "BSE"),
        projects=await _moves(view, found[:PAGE]),
        more=max(0, len(found) - PAGE),
        stage=stage,
        exchange=exchange,
        q=q,
        order=[s.value for s in IpoStage][:6],
        filings=await view.events_of(await ids(index, documents, PAGE, (page_ - 1) * PAGE)),
        paging=Paging(page_, total),
    )


async def _moves(view: Reading, found: list[Project]) -> list[list[IpoProgress]]:
    """The last moves of each application; of one whose events are gone meanwhile, none."""
    wanted = [event for one in found for event in one.moves[-MOST_STEPS:]]
    moves = {e.event_id: e for e in await view.events_of(wanted) if isinstance(e, IpoProgress)}
    held = [[moves[event] for event in one.moves[-MOST_STEPS:] if event in moves] for one in found]
    return [steps for steps in held if steps]
