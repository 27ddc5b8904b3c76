"""The first page: is the sector moving?"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.index.ask import Asked, count
from board.orders import MOST_ROWS, ChartName, versions
from board.pages.frame import OnVisit, Visit, address, page
from board.pages.heat import heat_map
from board.show import figure_path
from board.summary import Summary, summary
from events.clock import shanghai_day
from events.messages import HealthState, SourceHealth

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def overview(on: OnVisit, view: FromView) -> HTMLResponse:
    """The board as of a day."""
    found = await summary(view, on.day)
    insight = await view.insight(on.day)
    return page(
        on,
        "overview.html",
        s=found,
        insight=insight,
        heat=heat_map(insight.heat, on),
        versions=await versions(view, found),
        tables=_tables(found, on),
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


def _tables(found: Summary, on: Visit) -> dict[ChartName, list[tuple[str, str, list[str]]]]:
    """The charts as tables: of each row its name, the address of the events behind it, and its numbers."""
    t, to = on.words, on.href
    return {
        ChartName.CERTIFICATES: [
            (month, _of_month(month, on), [f"{added:,}", f"{total:,}"]) for month, (added, total) in _months(found)
        ],
        ChartName.SCENARIOS: [
            (t.pick(r.en, r.zh), to("/certificates", scenario=r.key), [f"{r.value:,}"]) for r in found.scenarios
        ],
        ChartName.MODALITIES: [
            (t.value("modality", r.key), to("/certificates", modality=r.key), [f"{r.value:,}"])
            for r in found.modalities
        ],
        ChartName.PRICING: [
            (t.pick(r.en, r.zh), to("/pricing", product=r.key), [t("of_31", n=r.value)])
            for r in found.pricing[:MOST_ROWS]
        ],
        ChartName.IPO: [
            (t.value("stage", r.stage), to("/filings", stage=r.stage), [f"{sum(r.exchanges.values()):,}"])
            for r in found.ipo
        ],
    }


def _of_month(month: str, on: Visit) -> str:
    """The address of the certificates of a month, as of its end (or of the day that is looked at, if that is earlier)."""
    first = date.fromisoformat(f"{month}-01")
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return address("/certificates", {"since": first, "as_of": min(last, on.day)})


def _months(found: Summary) -> list[tuple[str, tuple[int, int]]]:
    """(Month, (certificates added, total at its end)), newest first."""
    months: dict[str, tuple[int, int]] = {}
    for day in found.certificates:
        month = day.day.isoformat()[:7]
        months[month] = (months.get(month, (0, 0))[0] + day.added, day.total)
    return sorted(months.items(), reverse=True)
