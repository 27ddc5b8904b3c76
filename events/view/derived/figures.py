"""Published figures of companies: revenue, growth, margins, R&D and customers, each per company and period, and medians.

Of several statements of one figure of one period the last one published stands. A group of rows is read as one number for
each company, of its last whole year or, where the group has none, its last period, and the median of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache, partial

from events.view.derived.spec import DerivedSpec, Facts, Row, Value, basis_points, dims, known, middle, one_currency
from events.view.series import Fact, Window

Period = tuple[str, str]
Key = tuple[str, Period, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one company and period: when it was last stated, and as what."""

    day: str
    amount: int
    currency: str


def figures(facts: Facts) -> dict[Key, Figure]:
    """(Company, (first day, last day), name of the figure) → the statement that stands."""
    return facts.made(_figures)


def _figures(facts: Facts) -> dict[Key, Figure]:
    return facts.settled("company_figures", _standing)


def _standing(held: Iterable[Fact]) -> Iterator[tuple[Key, Figure] | None]:
    """Of several statements of one figure the last published, of one instant the greater."""
    ranks: dict[Key, tuple[str, str, int, str]] = {}
    for fact in held:
        company, start, end, name, instant, amount, currency = fact.parts
        key, rank = (company, (start, end), name), (instant, currency, int(amount), fact.day)
        if key in ranks and rank <= ranks[key]:
            yield None
        else:
            ranks[key] = rank
            yield key, Figure(fact.day, int(amount), currency)


def _by_name(facts: Facts) -> dict[str, list[tuple[Key, Figure]]]:
    found: dict[str, list[tuple[Key, Figure]]] = {}
    for key, figure in figures(facts).items():
        found.setdefault(key[2], []).append((key, figure))
    return found


def _named(name: str, facts: Facts) -> list[tuple[Key, Figure]]:
    return facts.made(_by_name).get(name, [])


def sectors(facts: Facts) -> dict[str, str]:
    """Company → the sub-sector that most events place it in; of equals the first by name."""
    return facts.made(_sectors)


def _sectors(facts: Facts) -> dict[str, str]:
    return facts.settled("company_sectors", _placed)


def _placed(held: Iterable[Fact]) -> Iterator[tuple[str, str] | None]:
    counts: dict[str, dict[str, int]] = {}
    for fact in held:
        company, sector = fact.parts
        of = counts.setdefault(company, {})
        of[sector] = of.get(sector, 0) + fact.amount
        yield company, sector if len(of) == 1 else min(of, key=lambda one: (-of[one], one))


@lru_cache(maxsize=4096)
def kind(period: Period) -> str:
    """``year``, ``half`` or ``other``, by its first and last day."""
    start, end = period
    if (start[5:], end[5:]) == ("01-01", "12-31") and start[:4] == end[:4]:
        return "year"
    return "half" if (start[5:], end[5:]) in {("01-01", "06-30"), ("07-01", "12-31")} else "other"


@lru_cache(maxsize=4096)
def label(period: Period) -> str:
    """``2021``, ``2021H1``, ``2021H2``, or both days joined by two dots."""
    match kind(period):
        case "year":
            return period[0][:4]
        case "half":
            return f"{period[0][:4]}H{1 if period[0][5:] == '01-01' else 2}"
        case _:
            return "..".join(period)


def year_before(period: Period) -> Period | None:
    """The same period a year earlier; None where it would begin or end on a day that does not exist."""
    try:
        start, end = (date.fromisoformat(day) for day in period)
        return start.replace(year=start.year - 1).isoformat(), end.replace(year=end.year - 1).isoformat()
    except ValueError:
        return None


def _row(facts_sectors: dict[str, str], key: Key, day: str, value: Value, currency: str = "") -> Row:
    company, period, _ = key
    of, order = _about(company, facts_sectors.get(company), period, currency)
    return Row(day, of, value, order, currency)


@lru_cache(maxsize=32_768)
def _about(
    company: str, sector: str | None, period: Period, currency: str
) -> tuple[Mapping[str, tuple[str, ...]], tuple[bool, str, str]]:
    """The dimensions of a row and its place among those of its company: they are the same on every day."""
    named = kind(period)
    of = dims(company=company, sector=sector, period=label(period), kind=named, currency=currency)
    return of, (named == "year", period[1], period[0])


def _amount(name: str, facts: Facts, _: Window) -> Iterator[Row]:
    of = sectors(facts)
    for key, figure in _named(name, facts):
        yield _row(of, key, figure.day, figure.amount, figure.currency)


def _ratio(name: str, facts: Facts, _: Window) -> Iterator[Row]:
    """A figure over the revenue of its period: both of one currency, and revenue above nought."""
    of, found = sectors(facts), figures(facts)
    for key, figure in _named(name, facts):
        revenue = found.get((key[0], key[1], "revenue"))
        if revenue and revenue.amount > 0 and revenue.currency == figure.currency:
            yield _row(of, key, max(figure.day, revenue.day), Fraction(figure.amount, revenue.amount))


def _growth(facts: Facts, _: Window) -> Iterator[Row]:
    of, found = sectors(facts), figures(facts)
    for key, figure in _named("revenue", facts):
        before = year_before(key[1])
        base = found.get((key[0], before, "revenue")) if before else None
        if base and base.amount > 0 and base.currency == figure.currency:
            yield _row(of, key, max(figure.day, base.day), Fraction(figure.amount, base.amount) - 1)


def _share(facts: Facts, within: Window) -> Iterator[Row]:
    for row in _amount("top_five_share_bp", facts, within):
        yield Row(row.day, row.dims, Fraction(known(row.value), 10_000), row.order)


def last_of_each(rows: Sequence[Row]) -> list[Row]:
    """One row a company: of its last whole year, else of its last period."""
    last: dict[str, Row] = {}
    for row in rows:
        company = row.dims["company"][0]
        if company not in last or row.order > last[company].order:
            last[company] = row
    return list(last.values())


def median_ratio(rows: Sequence[Row]) -> int | None:
    """The median over companies in basis points."""
    found = middle(last_of_each(rows))
    return None if found is None else basis_points(Fraction(found))


def median_amount(rows: Sequence[Row]) -> int | Fraction | None:
    """The median over companies in minor units; None where they report in several currencies."""
    chosen = last_of_each(rows)
    return middle(chosen) if one_currency(chosen) else None


_NEEDS = ("company_figures", "company_sectors")
_DIMS = ("company", "sector", "period", "kind")
_AMOUNTS = (
    ("revenue", "Revenue", "营业收入"),
    ("gross_profit", "Gross profit", "毛利"),
    ("rd_expense", "Research and development expense", "研发费用"),
    ("net_profit", "Net profit, negative for a loss", "净利润"),
    ("cash", "Cash at the end of the period", "期末现金"),
)
_RATIOS = (
    ("gross_margin", "gross_profit", "Gross profit over revenue", "毛利率"),
    ("net_margin", "net_profit", "Net profit over revenue", "净利率"),
    ("rd_share", "rd_expense", "Research and development expense over revenue", "研发费用率"),
)
_EACH = "; of several companies the median, each of its last year"
_EACH_ZH = "（多家企业取最近年度中位数）"
METRICS = (
    *(
        DerivedSpec(
            name, "minor units", (*_DIMS, "currency"), _NEEDS, partial(_amount, name), median_amount, en + _EACH,
            zh + _EACH_ZH,
        )
        for name, en, zh in _AMOUNTS
    ),
    *(
        DerivedSpec(name, "basis points", _DIMS, _NEEDS, partial(_ratio, over), median_ratio, en + _EACH, zh + _EACH_ZH)
        for name, over, en, zh in _RATIOS
    ),
    DerivedSpec(
        "revenue_growth", "basis points", _DIMS, _NEEDS, _growth, median_ratio,
        f"Revenue against the same period a year before{_EACH}", f"营业收入同比增长{_EACH_ZH}",
    ),
    DerivedSpec(
        "top_five_share", "basis points", _DIMS, _NEEDS, _share, median_ratio,
        f"Share of the five largest customers in revenue{_EACH}", f"前五名客户收入占比{_EACH_ZH}",
    ),
)  # fmt: skip
