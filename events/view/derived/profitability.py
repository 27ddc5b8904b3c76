"""Distance to profitability of a sub-sector: one number, 0 (there) to 10000 (far), shown with its parts.

The mean of five parts, each from 0 to 1, as things stand on the as-of day (the window does not matter):

============== ==================================================================================================
part           formula
============== ==================================================================================================
unpaid         1 − products with a certificate that are priced or reimbursed / products with a certificate
no_revenue     1 − companies with a certificate that have published revenue since / companies with a certificate
loss           median loss over revenue: −`net_margin`, no less than 0 and no more than 1
research       median R&D expense over revenue: `rd_share`, no less than 0 and no more than 1
dependence     median share of the five largest customers: `top_five_share`
============== ==================================================================================================

Where a part is missing, so is the number: it is None, and the parts that are known are shown by ``part``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from events.view.derived import figures
from events.view.derived.funnel import Path, paths
from events.view.derived.spec import DerivedSpec, Facts, Row, Value, basis_points, dims, known, mean, middle, table
from events.view.series import Window

PARTS = ("unpaid", "no_revenue", "loss", "research", "dependence")
_MEDIANS = {"loss": "net_margin", "research": "rd_share", "dependence": "top_five_share"}
_BY_NAME = {spec.name: spec for spec in figures.METRICS}


def _parts(facts: Facts, within: Window) -> Iterator[Row]:
    until = Window(None, within.end)
    medians = {part: _ratios(name, facts, until) for part, name in _MEDIANS.items()}
    certified: dict[str, list[Path]] = {}
    for path in paths(facts):
        if "certified" in path.days:
            for sector in path.sectors:
                certified.setdefault(sector, []).append(path)
    for sector in sorted(certified.keys() | set().union(*medians.values())):
        found: dict[str, Value] = {part: medians[part].get(sector) for part in _MEDIANS}
        found["unpaid"] = _unpaid(certified.get(sector, []))
        found["no_revenue"] = _no_revenue(certified.get(sector, []))
        for part in PARTS:
            yield Row(within.end.isoformat(), dims(sector=sector, part=part), found[part])


def _ratios(name: str, facts: Facts, until: Window) -> dict[str, Fraction]:
    """Sector → the exact median over its companies, between 0 and 1; a margin with its sign turned."""
    spec = _BY_NAME[name]
    exact = DerivedSpec(
        name, spec.unit, spec.dims, spec.needs, spec.rows, lambda rows: middle(figures.last_of_each(rows)), "", ""
    )
    sign = -1 if name == "net_margin" else 1
    rows = table(exact, facts, until, "sector", {})
    return {sector: min(Fraction(1), max(Fraction(0), Fraction(sign * known(ratio)))) for sector, ratio in rows.items()}


def _unpaid(held: Sequence[Path]) -> Fraction | None:
    paid = sum(1 for path in held if path.days.keys() & {"priced", "reimbursed"})
    return 1 - Fraction(paid, len(held)) if held else None


def _no_revenue(held: Sequence[Path]) -> Fraction | None:
    companies = {company for path in held for company in path.companies}
    earning = {company for path in held if "revenue" in path.days for company in path.companies}
    return 1 - Fraction(len(earning), len(companies)) if companies else None


def _mean(rows: Sequence[Row]) -> int | None:
    if not rows or any(row.value is None for row in rows):
        return None
    return basis_points(mean(rows))


METRICS = (
    DerivedSpec(
        "distance_to_profitability",
        "basis points",
        ("sector", "part"),
        ("class3_products", "price_items", "reimbursed_products", "company_figures", "company_sectors"),
        _parts,
        _mean,
        "Distance to profitability of a sub-sector, 0 is there: mean of unpaid, no_revenue, loss, research, dependence; "
        "none where a part is missing",
        "距离盈利的差距（各部分均值，缺项则无值）",
    ),
)
