"""The first page: is the sector moving?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.index.ask import Asked, count
from board.orders import MOST_ROWS, ChartName, order_of
from board.pages.frame import OnVisit, page
from board.show import figure_path
from board.summary import Summary, summary
from board.words import Words
from events.clock import shanghai_day
from events.messages import HealthState, SourceHealth

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def overview(on: OnVisit, view: FromView) -> HTMLResponse:
    """The board as of a day."""
    found = await summary(view, on.day)
    insight = await view.insight(on.day)
    columns = _columns(insight.heat)
    return page(
        on,
        "overview.html",
        s=found,
        insight=insight,
        columns=columns,
        most=max((n for row in insight.heat.values() for n in row.values()), default=1),
        versions={chart: order_of(found, chart).version for chart in ChartName},
        months=_months(found),
        named=_named(found, Words(on.lang)),
        wrong=wrong(found.sources),
        failing=sum(health.state is HealthState.FAILING for health in found.sources),
        new_today=await count(on.here.index, Asked(until=on.day, since=on.day)),
        is_today=shanghai_day(on.here.clock.now()) == on.day,
        figure_path=figure_path,
    )


def wrong(sources: list[SourceHealth]) -> list[SourceHealth]:
    """The sources with something the matter, the worst first."""
    rank = {HealthState.FAILING: 0, HealthState.DEGRADED: 1, HealthState.HEALTHY: 2}
    found = [h for h in sources if h.state is not HealthState.HEALTHY or h.overdue]
    return sorted(found, key=lambda h: (rank[h.state], h.source_id))


def _columns(heat: dict[str, dict[str, int]]) -> list[str]:
    """The modalities of the heat map, the one with most certificates first."""
    totals: dict[str, int] = {}
    for row in heat.values():
        for modality, n in row.items():
            totals[modality] = totals.get(modality, 0) + n
    return sorted(totals, key=lambda m: (-totals[m], m))


def _months(found: Summary) -> list[tuple[str, int, int]]:
    """(Month, certificates added, total at its end), newest first: the chart as a table."""
    months: dict[str, tuple[int, int]] = {}
    for day in found.certificates:
        month = f"{day.day:%Y-%m}"
        months[month] = (months.get(month, (0, 0))[0] + day.added, day.total)
    return [(month, added, total) for month, (added, total) in sorted(months.items(), reverse=True)]


def _named(found: Summary, t: Words) -> dict[str, list[tuple[str, str, str, dict[str, str]]]]:
    """The other charts as tables: (name, number, path, what the path is asked) of the events behind each."""
    return {
        "scenarios": [
            (t.pick(r.en, r.zh), f"{r.value:,}", "/certificates", {"scenario": r.key}) for r in found.scenarios
        ],
        "modalities": [
            (t.value("modality", r.key), f"{r.value:,}", "/certificates", {"modality": r.key}) for r in found.modalities
        ],
        "pricing": [
            (t.pick(r.en, r.zh), t("of_31", n=r.value), "/pricing", {"product": r.key})
            for r in found.pricing[:MOST_ROWS]
        ],
        "ipo": [
            (t.value("stage", r.stage), f"{sum(r.exchanges.values()):,}", "/filings", {"stage": r.stage})
            for r in found.ipo
        ],
    }
