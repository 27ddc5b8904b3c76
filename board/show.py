"""How facts are shown: the company of an event, a safe link, a sparkline. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from board.words import Words
from events.event import (
    ApprovalChange,
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


def company(event: EventBase) -> str:
    """The company (for a price item, the product) that an event is about; empty where none is known."""
    match event:
        case DeviceApproval(registrant=ref) | InnovationReview(applicant=ref) | PriceItem(product=ref):
            found = ref
        case IpoProgress() | Filing() | FinancialReport() | FinancingRound() | OverseasClearance():
            found = event.company
        case _:
            found = event.labels.entities[0] if event.labels.entities else None
    return found.name if found else ""


def detail(event: EventBase, words: Words) -> str:
    """What identifies the fact beside its title: a certificate number, a stage, a province."""
    match event:
        case DeviceApproval() | ApprovalChange():
            return event.certificate_number
        case IpoProgress():
            return f"{event.exchange} · {words.value('stage', event.stage)}"
        case Guidance():
            return words.value("guidance", event.stage)
        case PriceItem() | ReimbursementListing():
            return words.value("province", event.province)
        case OverseasClearance():
            return f"{event.register_name} {event.number}"
        case Filing():
            return event.stock_code
        case FinancingRound():
            return event.round
        case _:
            return ""


def safe_url(url: str | None) -> str | None:
    """The URL if following it is harmless: absolute, http or https. What a site wrote is never trusted to be that."""
    host = source_host(url)
    return url if host else None


def source_host(url: str | None) -> str | None:
    """The host of a safe URL, for people to see where a link leads; None for any other."""
    try:
        parts = urlsplit(url or "")
        return parts.hostname if parts.scheme in {"http", "https"} else None
    except ValueError:
        return None


def sparkline(history: Sequence[int], width: int = 96, height: int = 22) -> str:
    """The ``points`` of an SVG polyline over the values, inside a box with a margin of 2."""
    low, high = min(history), max(history)
    span = max(high - low, 1)
    step = (width - 4) / max(len(history) - 1, 1)
    return " ".join(
        f"{2 + i * step:.1f},{height - 2 - (value - low) / span * (height - 4):.1f}" for i, value in enumerate(history)
    )
