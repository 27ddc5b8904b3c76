"""Alerts: what holds now, what is kept quiet, what was told to whom, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.pages.desk import HOURS
from board.pages.frame import OnVisit, PageNumber, page
from board.pages.paging import Paging
from board.people import active, alert_path, deliveries_of, raised, silences
from board.summary import deliveries
from events.view.desk import Desk

router = APIRouter(include_in_schema=False)
LEDGER = 50


@router.get("/alerts", response_class=HTMLResponse)
async def alerts(on: OnVisit, view: FromView, page_: Annotated[PageNumber, Query(alias="page")] = 1) -> HTMLResponse:
    """Active alerts, silences, the latest alerts and the ledger."""
    now = on.here.clock.now()
    total = await view.count_deliveries()
    return page(
        on,
        "alerts.html",
        now=now,
        active=await active(view.redis, now),
        silences=await silences(view.redis, now),
        raised=await raised(view.redis, 30),
        ledger=await deliveries(view, LEDGER, (page_ - 1) * LEDGER),
        paging=Paging(page_, total, LEDGER),
    )


@router.get("/alerts/{alert_id:path}", response_class=HTMLResponse)
async def alert_page(on: OnVisit, view: FromView, alert_id: str) -> HTMLResponse:
    """One alert: what it says, the events behind it, its way through the stages, and who was told."""
    alert = await view.view.alert(alert_id)
    if alert is None:
        raise HTTPException(404, f"no alert has the id {alert_id!r}, or it is no longer kept")
    return page(
        on,
        "alert.html",
        a=alert,
        path=await alert_path(view.redis, alert_id),
        told=await deliveries_of(view.redis, alert_id),
        events=await view.events_of(list(alert.event_ids)[:20]),
        ack=await Desk(view.redis).acked(alert_id),
        hours=HOURS,
    )
