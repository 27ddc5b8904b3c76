"""Certificates: shares, crowding, routes, and how long reviews took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from events.view.derived.spec import DerivedSpec, Facts, Row, dims, distinct, middle, share, tidy
from events.view.series import UNDATED, Fact, Window

LIST = ";"
"""Between the values of a part that holds several."""


@dataclass(frozen=True)
class Certificate:
    """A Class III AI certificate as `class3_products` keeps it, part by part. Empty texts are what is not known."""

    day: str
    number: str
    company: str
    named_product: str
    scenario_list: str
    sector: str
    modality: str
    algorithm_list: str
    route: str
    name: str
    accepted_on: str
    year: str

    @property
    def product(self) -> str:
        """The product, or the number where no product of the register is named."""
        return self.named_product or self.number

    @cached_property
    def scenarios(self) -> list[str]:
        return self.scenario_list.split(LIST) if self.scenario_list else []

    @property
    def algorithms(self) -> list[str]:
        return self.algorithm_list.split(LIST)

    @cached_property
    def dims(self) -> dict[str, tuple[str, ...]]:
        return dims(
            company=self.company,
            scenario=self.scenarios,
            sector=self.sector,
            modality=self.modality,
            year=self.year,
        )


def certificates(facts: Facts) -> list[Certificate]:
    """The certificates among the facts."""
    return list(facts.each("class3_products", certificate))


def certificate(fact: Fact) -> Certificate:
    """One of them."""
    return Certificate(fact.day, *fact.parts)


def days_between(first: str, then: str) -> int | None:
    """Days from one ISO day to another; None where either is not known."""
    if UNDATED in (first, then) or not (first and then):
        return None
    return (date.fromisoformat(then) - date.fromisoformat(first)).days


def _deep(facts: Facts, _: Window) -> Iterator[Row]:
    for one in certificates(facts):
        yield Row(one.day, one.dims, int("deep" in one.algorithms))


def _per_scenario(facts: Facts, _: Window) -> Iterator[Row]:
    for one in certificates(facts):
        for scenario in one.scenarios:
            yield Row(one.day, one.dims | {"scenario": (scenario,)}, scenario)


def _per_scenario_company(facts: Facts, _: Window) -> Iterator[Row]:
    for one in certificates(facts):
        for scenario in one.scenarios:
            if one.company:
                yield Row(one.day, one.dims | {"scenario": (scenario,)}, one.company)


def _mean_per_value(rows: Sequence[Row]) -> int | Fraction | None:
    return tidy(Fraction(len(rows), distinct(rows))) if rows else None


def hhi(rows: Sequence[Row]) -> int | None:
    """Herfindahl-Hirschman index of the values, 0–10000: the sum of the squares of their shares in per cent, rounded."""
    if not rows:
        return None
    counts = Counter(row.value for row in rows).values()
    return round(Fraction(10_000 * sum(n * n for n in counts), len(rows) ** 2))


def _entry(facts: Facts, one: Certificate) -> str | None:
    """The first day on which the product was proposed as innovative, before its certificate; None where that is not seen.

    The same name, and the same applicant where both are stated.
    """
    days = [
        fact.day
        for fact in facts["innovation_products"]
        if fact.parts[0] == one.name
        and (not fact.parts[1] or not one.company or fact.parts[1] == one.company)
        and fact.day <= one.day
    ]
    return min(days, default=None)


def _routes(facts: Facts, _: Window) -> Iterator[Row]:
    for one in certificates(facts):
        seen = "innovation" if _entry(facts, one) else "not_stated"
        yield Row(one.day, one.dims | {"route": (one.route or seen,)}, one.number)


def _lags(pairs: Iterable[tuple[Certificate, str | None]]) -> Iterator[Row]:
    for one, since in pairs:
        days = None if since is None else days_between(since, one.day)
        if days is not None:
            yield Row(one.day, one.dims, days)


def _innovation_lags(facts: Facts, _: Window) -> Iterator[Row]:
    yield from _lags((one, _entry(facts, one)) for one in certificates(facts))


def _reviews(facts: Facts, _: Window) -> Iterator[Row]:
    yield from _lags((one, one.accepted_on or None) for one in certificates(facts))


_DIMS = ("company", "scenario", "sector", "modality", "year")
_CERTIFICATES = ("class3_products",)
_BOTH = ("class3_products", "innovation_products")
METRICS = (
    DerivedSpec(
        "deep_learning_share",
        "basis points",
        _DIMS,
        _CERTIFICATES,
        _deep,
        share,
        "Share of Class III AI certificates whose text asserts deep learning",
        "三类证中深度学习产品占比",
    ),
    DerivedSpec(
        "products_per_scenario",
        "products",
        ("sector", "year"),
        _CERTIFICATES,
        _per_scenario,
        _mean_per_value,
        "Crowding: certificates a scenario, on average over the scenarios that have any",
        "拥挤度：平均每个应用场景的三类证数",
    ),
    DerivedSpec(
        "scenario_hhi",
        "points",
        ("sector", "year"),
        _CERTIFICATES,
        _per_scenario,
        hhi,
        "Concentration of Class III AI certificates on scenarios (HHI, 10000 is one scenario)",
        "三类证场景集中度（HHI）",
    ),
    DerivedSpec(
        "company_hhi",
        "points",
        ("scenario", "sector", "year"),
        _CERTIFICATES,
        _per_scenario_company,
        hhi,
        "Concentration of the certificates of scenarios on companies (HHI, 10000 is one company)",
        "场景内企业集中度（HHI）",
    ),
    DerivedSpec(
        "class3_routes",
        "certificates",
        (*_DIMS, "route"),
        _BOTH,
        _routes,
        distinct,
        "Class III AI certificates by review route: as stated, else innovation where the product was seen in that review",
        "三类证审批通道（创新、优先、常规、未说明）",
    ),
    DerivedSpec(
        "review_days",
        "days",
        _DIMS,
        _CERTIFICATES,
        _reviews,
        middle,
        "Median days from acceptance to approval, where a source states both days",
        "受理至批准的天数（中位数）",
    ),
    DerivedSpec(
        "innovation_to_approval_days",
        "days",
        _DIMS,
        _BOTH,
        _innovation_lags,
        middle,
        "Median days from entry into the innovation review to the certificate",
        "进入创新审查至获证的天数（中位数）",
    ),
)
