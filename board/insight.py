"""What several facts say together: the funnel, the heat map, the distance to profitability. Worked out in a thread."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date
from statistics import median

from pydantic import BaseModel

from events.view.catalog import DERIVED
from events.view.derived import profitability
from events.view.derived.certificates import certificates, days_between
from events.view.derived.figures import figures, label
from events.view.derived.funnel import STEPS, paths
from events.view.derived.spec import DerivedSpec, Facts, Value, table
from events.view.reader import View
from events.view.series import Window, window

NEEDS = ("class3_products", "price_items", "reimbursed_products", "company_figures", "company_sectors")


class Step(BaseModel):
    """A step of the funnel: products and companies that reached it, and the median days from the step before."""

    step: str
    products: int
    companies: int
    lag_days: float | None


class Distance(BaseModel):
    """A sub-sector: its distance to profitability in basis points (None where a part is missing) and its known parts."""

    sector: str
    total: int | None
    parts: dict[str, int | None]


class Insight(BaseModel):
    """The joined figures as of a day. ``heat`` is scenario → modality → Class III AI certificates."""

    as_of: date
    funnel: list[Step]
    distances: list[Distance]
    heat: dict[str, dict[str, int]]


async def insight(view: View, as_of: date) -> Insight:
    """All of them as of a day in Asia/Shanghai. They are joined in a thread: it takes longer than others should wait."""
    return await asyncio.to_thread(_joined, await view.facts(NEEDS, as_of), as_of)


async def of_company(view: View, company: str, names: tuple[str, ...], as_of: date) -> dict[str, dict[str, Value]]:
    """Name of a derived metric → period → value, for one company (revenue, margins and the like), and ``currency``."""
    found = await view.facts(("company_figures", "company_sectors"), as_of, member=company)
    until = window("cumulative", as_of)
    tables = {name: table(DERIVED[name], found, until, "period", {"company": company}) for name in names}
    return tables | {"currency": _currencies(found)}


def _joined(found: Facts, as_of: date) -> Insight:
    until = window("cumulative", as_of)
    heat: dict[str, Counter[str]] = {}
    for one in certificates(found):
        for scenario in one.scenarios:
            heat.setdefault(scenario, Counter())[one.modality or "other"] += 1
    ordered = sorted(heat, key=lambda s: (-heat[s].total(), s))
    return Insight(
        as_of=as_of,
        funnel=_funnel(found),
        distances=_distances(found, until),
        heat={scenario: dict(heat[scenario]) for scenario in ordered},
    )


def _funnel(found: Facts) -> list[Step]:
    """Those of `funnel_products`, `funnel_companies` and `funnel_lag_days` by step, without a row for each product."""
    steps = []
    for before, step in zip(("", *STEPS), STEPS, strict=False):
        reached = [path for path in paths(found) if step in path.days]
        lags = [days_between(path.days.get(before, ""), path.days[step]) for path in reached]
        known = [days for days in lags if days is not None]
        steps.append(
            Step(
                step=step,
                products=len(reached),
                companies=len(set().union(*(path.companies for path in reached))),
                lag_days=median(known) if known else None,
            )
        )
    return steps


def _distances(found: Facts, until: Window) -> list[Distance]:
    spec = DERIVED["distance_to_profitability"]
    rows = list(spec.rows(found, until))
    fixed = DerivedSpec(
        spec.name, spec.unit, spec.dims, spec.needs, lambda _found, _within: rows, spec.aggregate, spec.en, spec.zh
    )
    totals = table(fixed, found, until, "sector", {})
    made = [
        Distance(
            sector=sector,
            total=_whole(total),
            parts={
                part: _whole(table(fixed, found, until, "part", {"sector": sector}).get(part))
                for part in profitability.PARTS
            },
        )
        for sector, total in totals.items()
    ]
    return sorted(made, key=lambda d: (d.total is None, d.total or 0, d.sector))


def _currencies(found: Facts) -> dict[str, Value]:
    """Period → the currency of its amounts; of several, all of them."""
    held: dict[str, set[str]] = {}
    for (_, period, _), figure in figures(found).items():
        if figure.currency:
            held.setdefault(label(period), set()).add(figure.currency)
    return {period: ", ".join(sorted(all_of_it)) for period, all_of_it in held.items()}


def _whole(value: Value) -> int | None:
    return None if value is None or isinstance(value, str) else round(value)
