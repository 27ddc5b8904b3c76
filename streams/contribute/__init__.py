"""What each type of event adds to which series. Pure: the one place where facts become numbers.

What one event adds never depends on another: facts that belong together are joined when they are read
(`events.view.derived`), so that the order of arrival does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from events.event import (
    DeviceApproval,
    EventBase,
    Filing,
    FinancialReport,
    FinancingRound,
    Guidance,
    InnovationReview,
    IpoProgress,
    OverseasClearance,
    PriceItem,
    ReimbursementListing,
)
from events.view.series import Contribution
from streams.contribute import money, regulation
from streams.contribute.channel import channel
from streams.contribute.series import count

__all__ = ["contributions"]


def contributions(event: EventBase) -> tuple[Contribution, ...]:
    """The contributions of an event, in a fixed order; none for a retracted one.

    Raises KeyError if a metric or a dimension is not in the table `events.view.catalog.METRICS`.
    """
    return () if event.retracted else tuple(_of(event))


def _of(event: EventBase) -> Iterator[Contribution]:
    yield from count(event, "events", type=getattr(event, "type", ""), source=event.source_id)
    yield from channel(event)
    match event:
        case DeviceApproval():
            yield from regulation.approval(event)
        case InnovationReview():
            yield from regulation.innovation(event)
        case Guidance():
            yield from regulation.guidance(event)
        case OverseasClearance():
            yield from regulation.clearance(event)
        case PriceItem():
            yield from money.price(event)
        case ReimbursementListing():
            yield from money.reimbursement(event)
        case IpoProgress():
            yield from money.ipo(event)
        case FinancialReport():
            yield from money.report(event)
        case FinancingRound():
            yield from money.financing(event)
        case Filing():
            yield from count(event, "filings", company=event.company.id)
        case _:
            pass
