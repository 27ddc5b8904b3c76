"""The funnel: certificate → priced → reimbursed → revenue, product by product, and how long each step took.

A step's day is the first on which the view saw it. Revenue is a company's, not a product's: a product has reached it when
its company published revenue above nought for a period that ends on or after the day of the certificate.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import accumulate, pairwise

from events.view.derived.certificates import certificates, days_between
from events.view.derived.spec import DerivedSpec, Facts, Row, dims, distinct, first_days, middle
from events.view.series import UNDATED, Fact, Window

STEPS = ("certified", "priced", "reimbursed", "revenue")
NATIONAL = "CN"


@dataclass
class Path:
    """One product: whose, for what, and the first day of each step that it reached."""

    product: str
    companies: set[str] = field(default_factory=set)
    scenarios: set[str] = field(default_factory=set)
    sectors: set[str] = field(default_factory=set)
    days: dict[str, str] = field(default_factory=dict)

    @cached_property
    def dims(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Step that it reached → the dimensions of its rows; to be asked once nothing more is found of it."""
        of = dims(
            product=self.product,
            company=sorted(self.companies),
            scenario=sorted(self.scenarios),
            sector=sorted(self.sectors),
        )
        return {step: {**of, "step": (step,)} for step in self.days}


def paths(facts: Facts) -> list[Path]:
    """Every product that has a certificate, a price of a province, or a reimbursement listing."""
    return facts.made(_paths)


def _paths(facts: Facts) -> list[Path]:
    found: dict[str, Path] = {}
    held = certificates(facts)
    for one in held:
        path = found.setdefault(one.product, Path(one.product))
        path.companies |= {one.company} - {""}
        path.scenarios |= set(one.scenarios)
        path.sectors |= {one.sector}
    certified = first_days((one.product, one.day) for one in held)
    priced = first_days(filter(None, facts.each("price_items", _priced)))
    reimbursed = first_days((fact.parts[0], fact.day) for fact in facts["reimbursed_products"])
    for step, days in zip(STEPS, (certified, priced, reimbursed), strict=False):
        for product, day in days.items():
            found.setdefault(product, Path(product)).days[step] = day
    _earn(found, facts)
    return [found[product] for product in sorted(found)]


def _earn(found: dict[str, Path], facts: Facts) -> None:
    """Revenue: any published statement counts, later corrections of it do not make it later."""
    stated: dict[str, list[tuple[str, str]]] = {}
    for company, end, day in filter(None, facts.each("company_figures", _revenue)):
        stated.setdefault(company, []).append((end, day))
    earliest = {company: _earliest(held) for company, held in stated.items()}
    for path in found.values():
        since = path.days.get("certified")
        if since is None or since == UNDATED:
            continue
        known = [earliest[one] for one in path.companies if one in earliest]
        days = [first for ends, firsts in known for first in firsts[bisect_left(ends, since) :][:1]]
        if days:
            path.days["revenue"] = min(days)


def _priced(fact: Fact) -> tuple[str, str] | None:
    """The product of a price of a province, and its day."""
    return (fact.parts[2], fact.day) if fact.parts[2] and fact.parts[1] != NATIONAL else None


def _revenue(fact: Fact) -> tuple[str, str, str] | None:
    """Whose revenue above nought, the last day of its period, and the day of its statement."""
    earned = fact.parts[3] == "revenue" and int(fact.parts[5]) > 0
    return (fact.parts[0], fact.parts[2], fact.day) if earned else None


def _earliest(held: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Of (end of a period, day of its statement): the ends in order, and the first day for periods that end no earlier."""
    held.sort()
    firsts = list(accumulate((day for _, day in reversed(held)), min))
    return [end for end, _ in held], firsts[::-1]


def _reached(facts: Facts, _: Window) -> Iterator[Row]:
    for path in paths(facts):
        for step, day in path.days.items():
            yield Row(day, path.dims[step], path.product)


def _companies(facts: Facts, _: Window) -> Iterator[Row]:
    for path in paths(facts):
        for step, day in path.days.items():
            for company in path.companies:
                of = path.dims[step]
                yield Row(day, of if len(path.companies) == 1 else {**of, "company": (company,)}, company)


def _lags(since_certificate: bool, facts: Facts, _: Window) -> Iterator[Row]:
    for path in paths(facts):
        for before, step in pairwise(STEPS):
            since = path.days.get("certified" if since_certificate else before, "")
            days = days_between(since, path.days.get(step, ""))
            if days is not None:
                yield Row(path.days[step], path.dims[step], days)


_DIMS = ("step", "product", "company", "scenario", "sector")
_NEEDS = ("class3_products", "price_items", "reimbursed_products", "company_figures")
METRICS = (
    DerivedSpec(
        "funnel_products",
        "products",
        _DIMS,
        _NEEDS,
        _reached,
        distinct,
        "Products that reached a step: certified, priced, reimbursed, revenue (of their company)",
        "漏斗：到达各阶段的产品（获证、定价、医保、营收）",
    ),
    DerivedSpec(
        "funnel_companies",
        "companies",
        _DIMS,
        _NEEDS,
        _companies,
        distinct,
        "Companies with a product that reached a step",
        "漏斗：到达各阶段的企业",
    ),
    DerivedSpec(
        "funnel_lag_days",
        "days",
        _DIMS,
        _NEEDS,
        partial(_lags, False),
        middle,
        "Median days from the step before, where both are seen; negative where the order was another",
        "漏斗：距上一阶段的天数（中位数）",
    ),
    DerivedSpec(
        "funnel_days_since_certificate",
        "days",
        _DIMS,
        _NEEDS,
        partial(_lags, True),
        middle,
        "Median days from the first certificate to a step, where both are seen",
        "漏斗：获证至各阶段的天数（中位数）",
    ),
)
