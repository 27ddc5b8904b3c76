"""Figures of companies and the distance to profitability, from the events alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction

from events.base import Money
from events.event import EventBase, FinancialReport
from medpulse.verify.base import FIGURES as NAMES
from medpulse.verify.base import class3, placed, sector
from medpulse.verify.derived import product_of, reached
from medpulse.verify.observed import Exact, Observe, Plain, Seen, bp, day_of, groups, median, number, one_money

Period = tuple[date, date]
Stated = tuple[date | None, Money]
Found = dict[tuple[str, Period, str], Stated]
Answer = tuple[Exact, date | None, str] | None


def stated(events: Sequence[EventBase]) -> Found:
    """(Company, period, figure) → when and as what it was last stated; a share of customers is money of no currency."""
    found: dict[tuple[str, Period, str], tuple[tuple[float, str, int], Stated]] = {}
    for e in events:
        if not isinstance(e, FinancialReport):
            continue
        for name in NAMES:
            amount = getattr(e, name)
            if amount is None:
                continue
            money = amount if isinstance(amount, Money) else Money.model_construct(minor=amount, currency="")
            at = e.event_time.timestamp() if e.event_time else float("-inf")
            rank = (at, money.currency, money.minor)
            key = (e.company.id, (e.period_start, e.period_end), name)
            before = found.get(key)
            if before is None or (rank, str(day_of(e))) > (before[0], str(before[1][0])):
                found[key] = (rank, (day_of(e), money))
    return {key: last for key, (_, last) in found.items()}


def sector_of(events: Sequence[EventBase]) -> dict[str, str]:
    """Company → the sub-sector that most events place it in, by name among equals."""
    votes: dict[str, Counter[str]] = {}
    for e in events:
        company, where = placed(e), sector(e)
        if company and where:
            votes.setdefault(company, Counter())[where] += 1
    return {company: sorted(count.items(), key=lambda v: (-v[1], v[0]))[0][0] for company, count in votes.items()}


def _period(period: Period) -> tuple[str, str]:
    """Label and kind of a period."""
    start, end = period
    if start.year == end.year:
        year = f"{start.year:04d}"
        names = {
            (1, 1, 12, 31): (year, "year"),
            (1, 1, 6, 30): (f"{year}H1", "half"),
            (7, 1, 12, 31): (f"{year}H2", "half"),
        }
        if found := names.get((start.month, start.day, end.month, end.day)):
            return found
    return f"{start}..{end}", "other"


def _later(*days: date | None) -> date | None:
    return None if None in days else max(day for day in days if day)


def _figure(read: Callable[[Found, str, Period], Answer]) -> Observe:
    def observe(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
        found, places = stated(events), sector_of(events)
        for company, period in sorted({key[:2] for key in found}):
            answer = read(found, company, period)
            if answer is not None:
                what, day, money = answer
                label, kind = _period(period)
                by = groups(company=company, sector=places.get(company), period=label, kind=kind, currency=money)
                yield Seen(day, what, by, (kind == "year", period[1], period[0]), money)

    return observe


def _amount(name: str) -> Plain:
    def read(found: Found, company: str, period: Period) -> Answer:
        one = found.get((company, period, name))
        return (one[1].minor, one[0], one[1].currency) if one else None

    return _figure(read), lambda seen: one_money(median)(_chosen(seen))


def _over_revenue(name: str) -> Plain:
    def read(found: Found, company: str, period: Period) -> Answer:
        one, base = found.get((company, period, name)), found.get((company, period, "revenue"))
        if one and base and base[1].minor > 0 and base[1].currency == one[1].currency:
            return Fraction(one[1].minor, base[1].minor), _later(one[0], base[0]), ""
        return None

    return _figure(read), _median_bp


def _growth(found: Found, company: str, period: Period) -> Answer:
    try:
        before = (period[0].replace(year=period[0].year - 1), period[1].replace(year=period[1].year - 1))
    except ValueError:
        return None
    one, base = found.get((company, period, "revenue")), found.get((company, before, "revenue"))
    if one and base and base[1].minor > 0 and base[1].currency == one[1].currency:
        return Fraction(one[1].minor - base[1].minor, base[1].minor), _later(one[0], base[0]), ""
    return None


def _customers(found: Found, company: str, period: Period) -> Answer:
    one = found.get((company, period, "top_five_share_bp"))
    return (Fraction(one[1].minor, 10_000), one[0], "") if one else None


def _chosen(seen: Sequence[Seen]) -> list[Seen]:
    companies = {company for one in seen for company in one.by["company"]}
    return [max((s for s in seen if company in s.by["company"]), key=lambda s: s.rank) for company in sorted(companies)]


def _median_bp(seen: Sequence[Seen]) -> Exact:
    found = median(_chosen(seen))
    return bp(Fraction(found)) if found is not None else None


def _distance(events: Sequence[EventBase], as_of: date) -> Iterable[Seen]:
    steps = reached(events)
    held = {(str(e.labels.sector), product_of(e), e.registrant.id if e.registrant else "") for e in class3(events)}
    ratios = {part: list(FIGURES[name][0](events, as_of)) for part, name in _RATIOS.items()}
    named = {one for seen in ratios.values() for s in seen for one in s.by.get("sector", ())}
    for place in sorted(named | {one for one, _, _ in held}):
        products = {product for one, product, _ in held if one == place}
        # A product may have a second certificate elsewhere: its companies count wherever it does.
        owned = {(product, company) for _, product, company in held if product in products and company}
        companies = {company for _, company in owned}
        earning = {company for product, company in owned if "revenue" in steps[product]}
        paid = [product for product in products if steps[product].keys() & {"priced", "reimbursed"}]
        parts = {
            part: _bounded(part, [s for s in seen if place in s.by.get("sector", ())]) for part, seen in ratios.items()
        }
        parts["unpaid"] = 1 - Fraction(len(paid), len(products)) if products else None
        parts["no_revenue"] = 1 - Fraction(len(earning), len(companies)) if companies else None
        yield from (Seen(as_of, what, groups(sector=place, part=part)) for part, what in parts.items())


def _bounded(part: str, seen: Sequence[Seen]) -> Fraction | None:
    found = median(_chosen(seen))
    if not isinstance(found, int | Fraction):
        return None
    return min(Fraction(1), max(Fraction(0), Fraction(-found if part == "loss" else found)))


def _mean(seen: Sequence[Seen]) -> Exact:
    if not seen or any(one.what is None for one in seen):
        return None
    return bp(sum((number(one) for one in seen), Fraction()) / len(seen))


_RATIOS = {"loss": "net_margin", "research": "rd_share", "dependence": "top_five_share"}
FIGURES: dict[str, Plain] = {
    **{name: _amount(name) for name in ("revenue", "gross_profit", "rd_expense", "net_profit", "cash")},
    "gross_margin": _over_revenue("gross_profit"),
    "net_margin": _over_revenue("net_profit"),
    "rd_share": _over_revenue("rd_expense"),
    "revenue_growth": (_figure(_growth), _median_bp),
    "top_five_share": (_figure(_customers), _median_bp),
    "distance_to_profitability": (_distance, _mean),
}
