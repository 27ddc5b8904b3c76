"""What each type of event adds to which series. Pure: the one place where facts become numbers.

What one event adds never depends on another: facts that belong together are joined when they are read
(`events.view.derived`), so that the order of arrival does not matter.
"""

from __future__ import annotations

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


def contributions(event: EventBase) -> list[Contribution]:
    """The contributions of an event, in a fixed order; none for a retracted one.

    Raises KeyError if a metric or a dimension is not in the table `events.view.catalog.METRICS`.
    """
    if event.retracted:
        return []
    every = count(event, "events", type=getattr(event, "type", ""), source=event.source_id)
    return [*every, *channel(event), *_of(event)]


def _of(event: EventBase) -> list[Contribution]:
    match event:
        case DeviceApproval():
            return regulation.approval(event)
        case InnovationReview():
            return regulation.innovation(event)
        case Guidance():
            return regulation.guidance(event)
        case OverseasClearance():
            return regulation.clearance(event)
        case PriceItem():
            return money.price(event)
        case ReimbursementListing():
            return money.reimbursement(event)
        case IpoProgress():
            return money.ipo(event)
        case FinancialReport():
            return money.report(event)
        case FinancingRound():
            return money.financing(event)
        case Filing():
            return count(event, "filings", company=event.company.id)
        case _:
            return []
