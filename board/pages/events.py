"""The feed of events: everything, by words, or what a figure is made of."""

from __future__ import annotations

from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.filters import EventFilter
from board.index.ask import count, grouped, ids
from board.index.companies import name_of
from board.pages.frame import PAGE, OnVisit, PageNumber, page
from board.pages.paging import Paging
from events.event import Event
from events.view.catalog import METRICS

router = APIRouter(include_in_schema=False)
TYPES = [kind.model_fields["type"].default for kind in get_args(get_args(Event)[0])]


@router.get("/events", response_class=HTMLResponse)
async def events(
    on: OnVisit,
    view: FromView,
    asked: Annotated[EventFilter, Query()],
    page_: Annotated[PageNumber, Query(alias="page")] = 1,
) -> HTMLResponse:
    """The events under the conditions of the address, newest first."""
    index, question = on.here.index, asked.asked(on.day)
    total = await count(index, question)
    feed = {**asked.given(), "lang": on.lang}
    return page(
        on,
        "events.html",
        events=await view.events_of(await ids(index, question, PAGE, (page_ - 1) * PAGE)),
        asked=asked,
        types=TYPES,
        by_type=dict(await grouped(index, question, "type")),
        figure=METRICS.get(asked.metric),
        entity=asked.company or asked.entity or asked.product,
        entity_name=await name_of(index, asked.company or asked.entity or asked.product),
        feed_query=urlencode(feed),
        paging=Paging(page_, total),
    )
