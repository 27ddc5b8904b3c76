"""Guiding principles and the special review, with the days on which their windows close."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.index.ask import Asked, Order, count, ids
from board.pages.frame import PAGE, OnVisit, PageNumber, Text, page
from board.pages.paging import Paging
from board.show import closes

router = APIRouter(include_in_schema=False)
_KINDS = {"": (), "draft": ("stage=draft",), "issued": ("stage=issued",)}


@router.get("/guidance", response_class=HTMLResponse)
async def guidance(
    on: OnVisit,
    view: FromView,
    q: Text = "",
    stage: Literal["", "draft", "issued"] = "",
    ai: bool = False,
    page_: Annotated[PageNumber, Query(alias="page")] = 1,
) -> HTMLResponse:
    """What closes soon, and the guiding principles, newest first."""
    index = on.here.index
    soon = Asked(until=on.day, closes_after=on.day, order=Order.CLOSES, descending=False)
    tags = ("type=guidance", *_KINDS[stage], *(("ai_relevant=true",) if ai else ()))
    asked = Asked(until=on.day, tags=tags, text=q)
    total = await count(index, asked)
    closing = await view.events_of(await ids(index, soon, PAGE))
    reviews = Asked(until=on.day, tags=("type=innovation_review",))
    return page(
        on,
        "guidance.html",
        closing=[(event, day, (day - on.day).days) for event in closing if (day := closes(event))],
        documents=await view.events_of(await ids(index, asked, PAGE, (page_ - 1) * PAGE)),
        reviews=await view.events_of(await ids(index, reviews, 20)),
        q=q,
        stage=stage,
        ai=ai,
        paging=Paging(page_, total),
        closes=closes,
    )
