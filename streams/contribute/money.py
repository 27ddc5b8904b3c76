"""Prices, reimbursement, listing applications, filings, figures and financing rounds."""

from __future__ import annotations

from collections.abc import Iterator

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
from streams.contribute.series import count, distinct, fact, one_dim, sector, statistical_year, year

RANKS = {stage: rank for rank, stage in enumerate(IpoStage)}
NATIONAL = "CN"


def price(event: PriceItem) -> Iterator[Contribution]:
    """A price item. A national guide is no province."""
    product = event.product.id if event.product else None
    if product and event.province != NATIONAL:
        yield from distinct(event, "pricing_provinces", event.province, product=product)
    minor, currency = (event.price.minor, event.price.currency) if event.price else (None, None)
    yield fact(event, "price_items", event.item_name, event.province, product, minor, currency)


def reimbursement(event: ReimbursementListing) -> Iterator[Contribution]:
    """A listing, its number of items where stated, and the products that it names."""
    if event.items is not None:
        yield from count(event, "reimbursement_items", event.items, province=event.province)
    yield from count(event, "reimbursement_listings", province=event.province, year=year(event))
    for product in sorted({ref.id for ref in event.products}):
        yield fact(event, "reimbursed_products", product, event.province)


def ipo(event: IpoProgress) -> Iterator[Contribution]:
    """A stage of a project: kept as a move, so that the last one and the time between two can be read."""
    field = state_field(event.event_time, RANKS[event.stage], f"{event.exchange}/{event.project_id}", event.stage)
    yield Contribution("ipo_projects", one_dim("ipo_projects"), field, 1)
    yield Contribution("ipo_projects", one_dim("ipo_projects", "exchange", event.exchange), field, 1)


def report(event: FinancialReport) -> Iterator[Contribution]:
    """Each figure of the period as a row, under the instant at which it was stated: the last one stands."""
    instant = "" if event.event_time is None else to_utc(event.event_time).isoformat()
    period = (event.period_start.isoformat(), event.period_end.isoformat())
    for name in ("revenue", "gross_profit", "rd_expense", "net_profit", "cash"):
        money: Money | None = getattr(event, name)
        if money is not None:
            yield fact(event, "company_figures", event.company.id, *period, name, instant, money.minor, money.currency)
    if event.top_five_share_bp is not None:
        share = event.top_five_share_bp
        yield fact(event, "company_figures", event.company.id, *period, "top_five_share_bp", instant, share, None)
    if known := sector(event):
        yield fact(event, "company_sectors", event.company.id, known)


def financing(event: FinancingRound) -> Iterator[Contribution]:
    """A round. Amounts of two currencies are two amounts: an upper end in another currency than the lower is left out."""
    early = None if event.early_stage is None else str(event.early_stage).lower()
    of, when = event.company.id, statistical_year(event)
    yield from count(
        event,
        "financing_rounds",
        company=of,
        round=event.round,
        sector=sector(event),
        early_stage=early or "unknown",
        statistical_year=when,
    )
    low, high = event.amount_low, event.amount_high
    currency = (low or high).currency if (low or high) else None  # type: ignore[union-attr]
    upper = high.minor if high and high.currency == currency else None
    yield fact(
        event,
        "financing_deals",
        event.event_id,
        of,
        event.round,
        sector(event),
        early,
        when,
        low.minor if low else None,
        upper,
        currency,
    )
    if known := sector(event):
        yield fact(event, "company_sectors", of, known)
