"""The funnel: certificate → priced → reimbursed → revenue, product by product, and how long each step took.

A step's day is the first on which the view saw it. Revenue is a company's, not a product's: a product has reached it when
its company published revenue above nought for a period that ends on or after the day of the certificate.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from itertools import pairwise

from events.view.derived.certificates import certificate, certificates, days_between
from events.view.derived.spec import DerivedSpec, Facts, Row, dims, distinct, first_seen, middle
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
        """Step → the dimensions of its rows; to be asked once nothing more is found of the product."""
        return _dims(self.product, _ordered(self.companies), _ordered(self.scenarios), _ordered(self.sectors))


def _ordered(values: set[str]) -> tuple[str, ...]:
    return tuple(values) if len(values) < 2 else tuple(sorted(values))


@lru_cache(maxsize=16_384)
def _dims(
    product: str, companies: tuple[str, ...], scenarios: tuple[str, ...], sectors: tuple[str, ...]
) -> dict[str, dict[str, tuple[str, ...]]]:
    of = dims(product=product, company=companies, scenario=scenarios, sector=sectors)
    return {step: {**of, "step": (step,)} for step in STEPS}


def paths(facts: Facts) -> list[Path]:
    """Every product that has a certificate, a price of a province, or a reimbursement listing."""
    return facts.made(_paths)


def _paths(facts: Facts) -> list[Path]:
    found: dict[str, Path] = {}
    for step, name, fold in _FIRST:
        for product, day in facts.settled(name, fold).items():
            if product not in found:
                found[product] = Path(product)
            found[product].days[step] = day
    for one in certificates(facts):
        path = found[one.product]
        path.companies.update((one.company,) if one.company else ())
        path.scenarios.update(one.scenarios)
        path.sectors.add(one.sector)
    _earn(found.values(), facts)
    return [found[product] for product in sorted(found)]


def _priced(fact: Fact) -> str | None:
    """The product of a price of a province."""
    return (fact.parts[2] or None) if fact.parts[1] != NATIONAL else None


_FIRST = (
    ("certified", "class3_products", first_seen(lambda fact: certificate(fact).product)),
    ("priced", "price_items", first_seen(_priced)),
    ("reimbursed", "reimbursed_products", first_seen(lambda fact: fact.parts[0])),
)
"""Step, the series that tells of it, and the fold to the first day of each product."""


def _earn(found: Iterable[Path], facts: Facts) -> None:
    """Revenue: any published statement counts, later corrections of it do not make it later."""
    earnings, last = facts.whole("company_figures", _earnings), facts.last
    for path in found:
        since = path.days.get("certified")
        if since is None or since == UNDATED:
            continue
        days = [day for one in path.companies if one in earnings and (day := earnings[one].since(since, last))]
        if days:
            path.days["revenue"] = min(days)


@dataclass(frozen=True, slots=True)
class Earnings:
    """When a company published revenue: the last days of its periods in order, and for each the first day on which one that
    ends no earlier was stated (empty where none with a day was), and whether one was stated without a day."""

    ends: list[str]
    firsts: list[str]
    undated: list[bool]

    def since(self, day: str, last: str) -> str | None:
        """The first day, up to ``last``, of a statement for a period that ends on or after a day; None where there is none."""
        at = bisect_left(self.ends, day)
        if at == len(self.ends):
            return None
        if self.firsts[at] and self.firsts[at] <= last:
            return self.firsts[at]
        return UNDATED if self.undated[at] else None


def _earnings(held: Iterable[Fact]) -> dict[str, Earnings]:
    """Company → its statements of revenue above nought."""
    stated: dict[str, list[tuple[str, str]]] = {}
    for fact in held:
        if fact.parts[3] == "revenue" and int(fact.parts[5]) > 0:
            stated.setdefault(fact.parts[0], []).append((fact.parts[2], fact.day))
    return {company: _in_order(sorted(statements)) for company, statements in stated.items()}


def _in_order(statements: Sequence[tuple[str, str]]) -> Earnings:
    """Of (end of a period, day of its statement), by the ends."""
    firsts, undated = [""], [False]
    for _, day in reversed(statements):
        known = [one for one in (firsts[-1], day) if one not in {"", UNDATED}]
        firsts.append(min(known, default=""))
        undated.append(undated[-1] or day == UNDATED)
    return Earnings([end for end, _ in statements], firsts[:0:-1], undated[:0:-1])


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
