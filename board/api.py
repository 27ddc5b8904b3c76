"""The read-only JSON API. Every answer is a typed model; every fault is a `Problem`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from board.asked import AsOf, FromView
from board.problems import PROBLEM_JSON, Problem
from board.reading import Reading
from board.summary import Summary, Told, deliveries, summary
from events.event import Event
from events.messages import SourceHealth
from events.scenarios import SCENARIOS
from events.view.catalog import METRICS, MetricSpec, UnknownMetric, check_dim, metric
from events.view.series import Measure

MOST = 500
WindowName = Literal["7d", "30d", "90d", "365d", "month", "year", "statistical_year", "cumulative"]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


def _problem(meaning: str) -> dict[str, Any]:
    return {"model": Problem, "description": meaning, "content": {PROBLEM_JSON: {}}}


router = APIRouter(
    prefix="/api",
    tags=["api"],
    responses={422: _problem("A parameter cannot be used"), 503: _problem("Redis does not answer")},
)
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: _problem("There is none of that name")}


class MetricDescription(BaseModel):
    """A metric: what it counts, and what it can be grouped by."""

    name: str
    measure: Measure
    unit: str
    dimensions: list[str]
    en: str
    zh: str
    value: int


class MetricRow(BaseModel):
    """One value of the dimension. ``name`` is for people: of a company, a product or a scenario; else the key again."""

    key: str
    name: str
    value: int


class MetricReading(BaseModel):
    """A metric as of a day, in a window that ends on it; ``rows`` if it was asked for by a dimension, greatest first."""

    name: str
    unit: str
    as_of: date
    window: WindowName
    value: int
    by: str | None
    rows: list[MetricRow]


class EventPage(BaseModel):
    """Some of the events up to the end of a day, newest first."""

    as_of: date
    total: int
    limit: int
    offset: int
    items: list[Event]


@router.get("/metrics")
async def list_metrics(view: FromView, day: AsOf) -> list[MetricDescription]:
    """Every metric there is, with its cumulative value."""
    return [
        MetricDescription(
            name=spec.name,
            measure=spec.measure,
            unit=spec.unit,
            dimensions=[*spec.dims, *filter(None, [spec.states])],
            en=spec.en,
            zh=spec.zh,
            value=await view.view.value(spec.name, day),
        )
        for spec in METRICS.values()
    ]


@router.get("/metrics/{name}", responses=NOT_FOUND)
async def read_metric(
    view: FromView, day: AsOf, name: str, by: str | None = None, window: WindowName = "cumulative"
) -> MetricReading:
    """One metric as of a day, in a window, as a total and by a dimension."""
    spec = _spec(name, by)
    value = await view.view.value(name, day, within=window)
    rows = await _rows(view, name, by, day, window) if by else []
    return MetricReading(name=name, unit=spec.unit, as_of=day, window=window, value=value, by=by, rows=rows)


@router.get("/events")
async def list_events(view: FromView, day: AsOf, limit: Limit = 50, offset: Offset = 0) -> EventPage:
    """The latest events up to a day, newest first."""
    items = await view.events_until(day, limit, offset)
    page = {"as_of": day, "total": await view.count_until(day), "limit": limit, "offset": offset, "items": items}
    return EventPage.model_validate(page)


@router.get("/events/{event_id:path}", response_model=Event, responses=NOT_FOUND)
async def read_event(view: FromView, event_id: str) -> object:
    """One event by its id."""
    found = await view.view.event(event_id)
    if found is None:
        raise HTTPException(404, f"no event has the id {event_id!r}")
    return found


@router.get("/sources")
async def list_sources(view: FromView) -> list[SourceHealth]:
    """The last poll of each source."""
    return await view.view.health()


@router.get("/deliveries")
async def list_deliveries(view: FromView, limit: Limit = 50) -> list[Told]:
    """What was told to whom, and why; newest first."""
    return await deliveries(view, limit)


@router.get("/summary")
async def read_summary(view: FromView, day: AsOf) -> Summary:
    """Everything that the page shows."""
    return await summary(view, day)


def _spec(name: str, by: str | None) -> MetricSpec:
    try:
        spec = metric(name)
    except UnknownMetric as unknown:
        raise HTTPException(404, str(unknown)) from None
    try:
        if by is not None:
            check_dim(spec, by)
    except UnknownMetric as unknown:
        raise RequestValidationError([{"loc": ("query", "by"), "msg": str(unknown), "type": "value_error"}]) from None
    return spec


async def _rows(view: Reading, name: str, by: str, day: date, window: WindowName) -> list[MetricRow]:
    table = await view.view.table(name, by, day, within=window)
    names = await view.view.names() if by in {"company", "product"} else {}
    if by == "scenario":
        names = {key: en for key, (en, _) in SCENARIOS.items()}
    return [MetricRow(key=key, name=names.get(key, key), value=value) for key, value in table.items()]
