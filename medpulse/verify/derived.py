"""The derived metrics of certificates, prices, the funnel, listings and financing, from the events alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction

from events.event import (
    DeviceApproval,
    EventBase,
    FinancialReport,
    FinancingRound,
    InnovationReview,
    IpoProgress,
    IpoStage,
    PriceItem,
    ReimbursementListing,
)
from events.ids import normalised
from medpulse.verify.base import certificate, class3, round_groups
from medpulse.verify.observed import (
    By,
    Exact,
    Plain,
    Seen,
    day_of,
    different,
    grouped,
    groups,
    median,
    number,
    one_money,
    part,
    total,
    whole,
)


def product_of(event: DeviceApproval) -> str:
    """The product of a certificate; its number where none is named."""
    return event.product.id if event.product else event.certificate_number


def _deep(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
    return [Seen(day_of(e), int("deep" in e.labels.algorithm), certificate(e)) for e in class3(events)]


def _scenarios(company: bool) -> Plain:
    def observe(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
        for e in class3(events):
            for scenario in set(e.labels.scenario):
                if not company or e.registrant:
                    what = e.registrant.id if company and e.registrant else scenario
                    yield Seen(day_of(e), what, certificate(e) | {"scenario": {scenario}})

    return observe, hhi


def hhi(seen: Sequence[Seen]) -> Exact:
    """The sum of squared shares, in points of 10000."""
    shares = [Fraction(n, len(seen)) for n in Counter(one.what for one in seen).values()]
    return round(10_000 * sum(share * share for share in shares)) if seen else None


def _mean(seen: Sequence[Seen]) -> Exact:
    return whole(Fraction(len(seen), len({one.what for one in seen}))) if seen else None


Entered = Callable[[DeviceApproval], InnovationReview | None]


def _entries(events: Sequence[EventBase]) -> Entered:
    """Certificate → the earliest review of the same product, and applicant where both are known, no later than it."""
    reviews = grouped((normalised(r.product_name), r) for r in events if isinstance(r, InnovationReview))

    def entered(one: DeviceApproval) -> InnovationReview | None:
        approved = day_of(one)
        same = [
            r
            for r in reviews.get(normalised(one.product_name), ())
            if (r.applicant is None or one.registrant is None or r.applicant.id == one.registrant.id)
            and (approved is None or (day_of(r) or date.max) <= approved)
        ]
        return min(same, key=lambda r: day_of(r) or date.max, default=None)

    return entered


def _routes(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
    entered = _entries(events)
    for e in class3(events):
        route = e.route or ("innovation" if entered(e) else "not_stated")
        yield Seen(day_of(e), e.certificate_number, certificate(e) | groups(route=route))


def _review_days(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
    for e in class3(events):
        if e.accepted_on and (day := day_of(e)):
            yield Seen(day, (day - e.accepted_on).days, certificate(e))


def _innovation_days(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
    entered = _entries(events)
    for e in class3(events):
        entry, day = entered(e), day_of(e)
        if entry and day and (since := day_of(entry)):
            yield Seen(day, (day - since).days, certificate(e))


def _prices(amounts: bool) -> Plain:
    def observe(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
        for e in events:
            if isinstance(e, PriceItem) and (e.price or not amounts):
                money = e.price.currency if e.price else None
                by = groups(item=e.item_name, province=e.province, product=e.product and e.product.id, currency=money)
                yield Seen(day_of(e), e.price.minor if e.price else None, by, currency=money)

    return observe, lambda seen: min((s.day.isoformat() for s in seen if s.day), default=None)


STEPS = ("certified", "priced", "reimbursed", "revenue")


def reached(events: Sequence[EventBase]) -> dict[str, dict[str, date | None]]:
    """Product → step → the first day of it; None where no day is known."""
    days: dict[str, dict[str, list[date | None]]] = {}
    makers: dict[str, set[str]] = {}
    for e in events:
        match e:
            case DeviceApproval() if e in class3([e]):
                days.setdefault(product_of(e), {}).setdefault("certified", []).append(day_of(e))
                makers.setdefault(product_of(e), set()).update({e.registrant.id} if e.registrant else set())
            case PriceItem() if e.product and e.province != "CN":
                days.setdefault(e.product.id, {}).setdefault("priced", []).append(day_of(e))
            case ReimbursementListing():
                for ref in e.products:
                    days.setdefault(ref.id, {}).setdefault("reimbursed", []).append(day_of(e))
    found = {product: {step: _first(seen) for step, seen in steps.items()} for product, steps in days.items()}
    reports = grouped((e.company.id, e) for e in events if isinstance(e, FinancialReport) and _earns(e))
    for product, steps in found.items():
        if since := steps.get("certified"):
            own = (e for company in makers[product] for e in reports.get(company, ()))
            earned = [day_of(e) for e in own if e.period_end >= since]
            if earned:
                steps["revenue"] = _first(earned)
    return found


def _first(days: list[date | None]) -> date | None:
    return min((day for day in days if day), default=None)


def _earns(e: FinancialReport) -> bool:
    return e.revenue is not None and e.revenue.minor > 0


def _described(events: Sequence[EventBase]) -> Callable[[str], By]:
    """Product → what it can be grouped by: what all of its certificates say."""
    certificates = grouped((product_of(e), certificate(e)) for e in class3(events))

    def described(product: str) -> By:
        own = certificates.get(product, ())
        found = {name: {one for by in own for one in by.get(name, ())} for name in ("company", "scenario", "sector")}
        return {name: some for name, some in found.items() if some} | groups(product=product)

    return described


def _funnel(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
    described = _described(events)
    for product, steps in reached(events).items():
        for step, day in steps.items():
            yield Seen(day, product, described(product) | groups(step=step))


def _funnel_companies(events: Sequence[EventBase], as_of: date) -> Iterable[Seen]:
    for seen in _funnel(events, as_of):
        for company in seen.by.get("company", ()):
            yield Seen(seen.day, company, seen.by | {"company": {company}})


def _lags(before: dict[str, str]) -> Plain:
    def observe(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
        described = _described(events)
        for product, steps in reached(events).items():
            for step, base in before.items():
                since, day = steps.get(base), steps.get(step)
                if since and day:
                    yield Seen(day, (day - since).days, described(product) | groups(step=step))

    return observe, median


def _stages(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
    projects: dict[str, list[tuple[float, int, IpoProgress]]] = {}
    for e in events:
        if isinstance(e, IpoProgress) and e.event_time:
            order = (e.event_time.timestamp(), list(IpoStage).index(e.stage), e)
            projects.setdefault(f"{e.exchange}/{e.project_id}", []).append(order)
    for project, made in projects.items():
        moves = [e for *_, e in sorted(made, key=lambda move: move[:2])]
        entered = moves[0]
        for move in moves[1:]:
            since, until = day_of(entered), day_of(move)
            if move.stage is not entered.stage and since and until:
                by = groups(stage=entered.stage, exchange=move.exchange, project=project)
                yield Seen(until, (until - since).days, by)
                entered = move


def _deals(end: str) -> Plain:
    def observe(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
        for e in events:
            money = getattr(e, end) if isinstance(e, FinancingRound) else None
            if isinstance(e, FinancingRound) and money:
                stated = e.amount_low or e.amount_high
                if stated and stated.currency == money.currency:
                    by = round_groups(e) | groups(currency=money.currency)
                    yield Seen(day_of(e), money.minor, by, currency=money.currency)

    return observe, one_money(total)


def _undisclosed(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
    rounds = [e for e in events if isinstance(e, FinancingRound) and not e.amount_low and not e.amount_high]
    return [Seen(day_of(e), 1, round_groups(e)) for e in rounds]


def _early(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
    rounds = [e for e in events if isinstance(e, FinancingRound) and e.early_stage is not None]
    return [Seen(day_of(e), int(bool(e.early_stage)), round_groups(e)) for e in rounds]


def _most(sign: int) -> Plain:
    observe, _ = _prices(amounts=True)
    return observe, one_money(lambda seen: whole(sign * max(sign * number(one) for one in seen)))


DERIVED: dict[str, Plain] = {
    "deep_learning_share": (_deep, part),
    "products_per_scenario": (_scenarios(company=False)[0], _mean),
    "scenario_hhi": _scenarios(company=False),
    "company_hhi": _scenarios(company=True),
    "class3_routes": (_routes, different),
    "review_days": (_review_days, median),
    "innovation_to_approval_days": (_innovation_days, median),
    "first_price_day": _prices(amounts=False),
    "price_lowest": _most(-1),
    "price_highest": _most(1),
    "funnel_products": (_funnel, different),
    "funnel_companies": (_funnel_companies, different),
    "funnel_lag_days": _lags({"priced": "certified", "reimbursed": "priced", "revenue": "reimbursed"}),
    "funnel_days_since_certificate": _lags(dict.fromkeys(STEPS[1:], "certified")),
    "ipo_stage_days": (_stages, median),
    "financing_low": _deals("amount_low"),
    "financing_high": _deals("amount_high"),
    "financing_undisclosed": (_undisclosed, len),
    "early_stage_share": (_early, part),
    "early_stage_rounds": (_early, total),
    "rounds": (
        lambda events, _: [Seen(day_of(e), 1, round_groups(e)) for e in events if isinstance(e, FinancingRound)],
        total,
    ),
}
