"""Every figure that there is, and what one of them is made of by each of its dimensions."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.filters import WindowName, invalid
from board.index.companies import names_of
from board.pages.frame import Choice, OnVisit, page
from board.reading import Reading
from events.scenarios import SCENARIOS
from events.view.catalog import CATALOG, DERIVED, METRICS, WINDOWS, UnknownMetric, check_dim, dimensions
from events.view.derived.spec import Value
from events.view.series import Measure

router = APIRouter(include_in_schema=False)
MOST_ROWS = 500


@router.get("/figures", response_class=HTMLResponse)
async def figures(on: OnVisit, view: FromView) -> HTMLResponse:
    """The metrics with their values."""
    plain = [spec for spec in METRICS.values() if spec.measure is not Measure.FACT]

    async def values() -> dict[str, int]:
        return {spec.name: await view.view.value(spec.name, on.day) for spec in plain}

    return page(
        on,
        "figures.html",
        metrics=plain,
        values=await view.once("figures", on.day, work=values),
        derived=list(DERIVED.values()),
    )


@router.get("/figures/{name}", response_class=HTMLResponse)
async def figure(
    on: OnVisit, view: FromView, name: str, by: Choice = "", window: WindowName = "cumulative"
) -> HTMLResponse:
    """One metric in a window, and by a dimension; each number leads to its events."""
    if name not in CATALOG:
        raise HTTPException(404, f"no metric is called {name!r}")
    spec = CATALOG[name]
    try:
        if by:
            check_dim(spec, by)
    except UnknownMetric as unknown:
        raise invalid("by", str(unknown)) from None
    total, rows = await view.once(
        "figure", name, by, window, on.day, work=lambda: _read(view, name, by, window, on), stale=5.0
    )
    names = await names_of(on.here.index, [key for key, _ in rows]) if by in {"company", "product"} else {}
    if by == "scenario":
        names = {key: on.words.pick(*SCENARIOS.get(key, (key, key))) for key, _ in rows}
    return page(
        on,
        "figure.html",
        spec=spec,
        total=total,
        rows=rows,
        names=names,
        by=by,
        window=window,
        windows=WINDOWS,
        dimensions=dimensions(spec),
        is_base=name in METRICS,
        states=getattr(spec, "states", None),
    )


async def _read(
    view: Reading, name: str, by: str, window: WindowName, on: OnVisit
) -> tuple[Value, list[tuple[str, Value]]]:
    if name in METRICS:
        total: Value = await view.view.value(name, on.day, within=window)
        table = await view.view.table(name, by, on.day, within=window) if by else {}
        rows: list[tuple[str, Value]] = [(key, n) for key, n in table.items()]
        return total, rows[:MOST_ROWS]
    derived = await view.view.derived(name, on.day, within=window)
    values = await view.view.derived_table(name, by, on.day, within=window) if by else {}
    return derived, list(values.items())[:MOST_ROWS]
