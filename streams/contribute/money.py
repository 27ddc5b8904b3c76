"""Prices, reimbursement, listing applications, filings, figures and financing rounds."""

from __future__ import annotations

from events.base import Money
from events.clock import to_utc
from events.event import (
    FinancialReport,
    FinancingRound,
    IpoProgress,
    IpoStage,
    PriceItem,
    ReimbursementListing,
)
from events.view.series import Contribution, state_field
from streams.contribute.series import count, distinct, each, fact, sector, statistical_year, works_in, year

RANKS = {stage: rank for rank, stage in enumerate(IpoStage)}
NATIONAL = "CN"


def price(event: PriceItem) -> list[Contribution]:
    """A price item. A national guide is no province."""
    product = event.product.id if event.product else None
    minor, currency = (event.price.minor, event.price.currency) if event.price else (None, None)
    found = [fact(event, "price_items", event.item_name, event.province, product, minor, currency)]
    if product and event.province != NATIONAL:
        found += distinct(event, "pricing_provinces", event.province, product=product)
    return found


def reimbursement(event: ReimbursementListing) -> list[Contribution]:
    """A listing, its number of items where stated, and the products that it names."""
    found = count(event, "reimbursement_listings", province=event.province, year=year(event))
    if event.items is not None:
        found += count(event, "reimbursement_items", event.items, province=event.province)
    products = sorted({ref.id for ref in event.products})
    return found + [fact(event, "reimbursed_products", product, event.province) for product in products]


def ipo(event: IpoProgress) -> list[Contribution]:
    """A stage of a project: kept as a move, so that the last one and the time between two can be read."""
    field = state_field(event.event_time, RANKS[event.stage], f"{event.exchange}/{event.project_id}", event.stage)
    return each("ipo_projects", field, 1, {"exchange": event.exchange})


def report(event: FinancialReport) -> list[Contribution]:
    """Each figure of the period as a row, under the instant at which it was stated: the last one stands."""
    instant = "" if event.event_time is None else to_utc(event.event_time).isoformat()
    period = (event.period_start.isoformat(), event.period_end.isoformat())
    found: list[Contribution] = []
    for name in ("revenue", "gross_profit", "rd_expense", "net_profit", "cash"):
        money: Money | None = getattr(event, name)
        if money is not None:
            row = (event.company.id, *period, name, instant, money.minor, money.currency)
            found.append(fact(event, "company_figures", *row))
    if event.top_five_share_bp is not None:
        share = (event.company.id, *period, "top_five_share_bp", instant, event.top_five_share_bp, None)
        found.append(fact(event, "company_figures", *share))
    return found + works_in(event, event.company.id)


def financing(event: FinancingRound) -> list[Contribution]:
    """A round. Amounts of two currencies are two amounts: an upper end in another currency than the lower is left out."""
    early = None if event.early_stage is None else str(event.early_stage).lower()
    of, when = event.company.id, statistical_year(event)
    dims = {"company": of, "round": event.round, "sector": sector(event), "statistical_year": when}
    rounds = count(event, "financing_rounds", early_stage=early or "unknown", **dims)
    low, high = event.amount_low, event.amount_high
    currency = (low or high).currency if (low or high) else None  # type: ignore[union-attr]
    upper = high.minor if high and high.currency == currency else None
    row = (event.event_id, of, event.round, sector(event), early, when, low.minor if low else None, upper, currency)
    return [*rounds, fact(event, "financing_deals", *row), *works_in(event, of)]
