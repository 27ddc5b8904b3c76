"""The read-only JSON API. Every answer is a typed model; every fault is a `Problem`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel

from board.asked import AsOf, FromView, InRoom
from board.filters import EventFilter, WindowName, invalid
from board.index.ask import count, ids
from board.index.companies import By, companies
from board.insight import Insight
from board.people import active, raised, silences
from board.problems import PROBLEM_JSON, Problem
from board.reading import Reading
from board.summary import Summary, Told, deliveries, summary
from events.event import Event
from events.messages import Ack, Alert, Silence, SourceHealth
from events.scenarios import SCENARIOS
from events.view.catalog import METRICS, MetricSpec, UnknownMetric, check_dim, derived, metric
from events.view.derived.spec import DerivedSpec, Value
from events.view.polls import history
from events.view.series import Measure

MOST = 500
S = TypeVar("S", MetricSpec, DerivedSpec)
Limit = Annotated[int, Query(ge=1, le=MOST)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


def _problem(meaning: str) -> dict[str, Any]:
    return {"model": Problem, "description": meaning, "content": {PROBLEM_JSON: {}}}


router = APIRouter(
    prefix="/api",
    tags=["api"],
    responses={
        401: _problem("The board asks for its token"),
        422: _problem("A parameter cannot be used"),
        429: _problem("Too many requests; Retry-After says when to ask again"),
        503: _problem("Redis does not answer"),
    },
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


class DerivedRow(BaseModel):
    """One value of the dimension. A number, a day as text, or null where the facts do not tell."""

    key: str
    value: int | float | str | None


class DerivedReading(BaseModel):
    """A derived metric as of a day, in a window that ends on it; ``rows`` if it was asked for by a dimension."""

    name: str
    unit: str
    as_of: date
    window: WindowName
    value: int | float | str | None
    by: str | None
    rows: list[DerivedRow]


class CompanyRow(BaseModel):
    """A company, and how many events of what are about it; ``latest`` is the time of its last one."""

    id: str
    name: str
    certificates: int
    clearances: int
    filings: int
    events: int
    latest: datetime


class CompanyPage(BaseModel):
    """Some of the companies."""

    as_of: date
    total: int
    limit: int
    offset: int
    items: list[CompanyRow]


class AlertRow(BaseModel):
    """An alert, and who looks after it."""

    alert: Alert
    ack: Ack | None


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
    spec = _spec(metric, name, by)
    value = await view.view.value(name, day, within=window)
    rows = await _rows(view, name, by, day, window) if by else []
    return MetricReading(name=name, unit=spec.unit, as_of=day, window=window, value=value, by=by, rows=rows)


@router.get("/derived/{name}", responses=NOT_FOUND)
async def read_derived(
    view: FromView, day: AsOf, name: str, by: str | None = None, window: WindowName = "cumulative"
) -> DerivedReading:
    """One metric that is worked out of several, as of a day, as a total and by a dimension."""
    spec = _spec(derived, name, by)
    value = await view.view.derived(name, day, within=window)
    table = await view.view.derived_table(name, by, day, within=window) if by else {}
    rows = [DerivedRow(key=key, value=_plain(one)) for key, one in table.items()]
    return DerivedReading(name=name, unit=spec.unit, as_of=day, window=window, value=_plain(value), by=by, rows=rows)


@router.get("/events", responses=NOT_FOUND)
async def list_events(  # noqa: PLR0913  each is a part of what a request says
    request: Request,
    response: Response,
    view: FromView,
    here: InRoom,
    day: AsOf,
    asked: Annotated[EventFilter, Query()],
    limit: Limit = 50,
    offset: Offset = 0,
) -> EventPage:
    """Events up to a day, newest first; ``q`` searches them, ``metric`` and ``dims`` ask for those that a figure is made of."""
    question = asked.asked(day)
    total = await count(here.index, question)
    items = await view.events_of(await ids(here.index, question, limit, offset))
    if offset + limit < total:
        onward = request.url.include_query_params(offset=offset + limit, limit=limit)
        response.headers["Link"] = f'<{onward.path}?{onward.query}>; rel="next"'
    page = {"as_of": day, "total": total, "limit": limit, "offset": offset, "items": items}
    return EventPage.model_validate(page)


@router.get("/companies")
async def list_companies(
    _view: FromView,
    here: InRoom,
    day: AsOf,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: By = By.CERTIFICATES,
    holding: bool = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> CompanyPage:
    """The companies that events are about, with how many of what; ``holding`` only those with a Class III AI certificate."""
    total, found = await companies(here.index, day, sort, q, limit, offset, holding)
    items = [
        CompanyRow(
            id=one.id,
            name=one.name,
            certificates=one.certificates,
            clearances=one.clearances,
            filings=one.filings,
            events=one.events,
            latest=datetime.fromtimestamp(one.latest, UTC),
        )
        for one in found
    ]
    return CompanyPage(as_of=day, total=total, limit=limit, offset=offset, items=items)


@router.get("/insight")
async def read_insight(view: FromView, day: AsOf) -> Insight:
    """The funnel, the distance to profitability of each sub-sector, and certificates by scenario and modality."""
    return await view.insight(day)


@router.get("/sources/{source_id}/polls", responses=NOT_FOUND)
async def list_polls(
    view: FromView, source_id: str, limit: Annotated[int, Query(ge=1, le=300)] = 60
) -> list[SourceHealth]:
    """The last polls of a source, newest first."""
    found = (await history(view.redis, [source_id], limit))[source_id]
    if not found:
        raise HTTPException(404, f"no poll of a source {source_id!r} is remembered")
    return found


@router.get("/alerts")
async def list_alerts(
    view: FromView, here: InRoom, standing: bool = False, limit: Limit = 50, offset: Offset = 0
) -> list[AlertRow]:
    """The alerts that were raised last, newest first; ``standing`` only those that hold now, the most severe first."""
    found = await active(view.redis, here.clock.now()) if standing else await raised(view.redis, limit, offset)
    return [AlertRow(alert=one.alert, ack=one.ack) for one in found[:limit]]


@router.get("/silences")
async def list_silences(view: FromView, here: InRoom) -> list[Silence]:
    """What is kept quiet now or will be, and the last silences that ended."""
    return await silences(view.redis, here.clock.now())


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


def _spec(find: Callable[[str], S], name: str, by: str | None) -> S:
    """The metric of that name, which can be grouped so. Raises HTTPException 404 or RequestValidationError."""
    try:
        spec = find(name)
    except UnknownMetric as unknown:
        raise HTTPException(404, str(unknown)) from None
    try:
        if by is not None:
            check_dim(spec, by)
    except UnknownMetric as unknown:
        raise invalid("by", str(unknown)) from None
    return spec


async def _rows(view: Reading, name: str, by: str, day: date, window: WindowName) -> list[MetricRow]:
    table = await view.view.table(name, by, day, within=window)
    names = await view.names(table) if by in {"company", "product"} else {}
    if by == "scenario":
        names = {key: en for key, (en, _) in SCENARIOS.items()}
    return [MetricRow(key=key, name=names.get(key, key), value=value) for key, value in table.items()]


def _plain(value: Value) -> int | float | str | None:
    return float(value) if isinstance(value, Fraction) else value
