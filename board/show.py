"""How facts are shown: the company of an event, a safe link, a sparkline. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote, urlsplit

from board.words import Words
from events.base import Money
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
from events.view.series import dim_key


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


def closes(event: EventBase) -> date | None:
    """The last day on which comments or objections are taken; None where there is none."""
    match event:
        case Guidance():
            return event.comments_close
        case InnovationReview():
            return event.window_end
        case _:
            return None


def event_path(event_id: str) -> str:
    """The path of the page of an event, not yet quoted."""
    return f"/events/{event_id}"


def event_url(base: str, event_id: str) -> str:
    """The address of the page of an event, under that of the board."""
    return base + quote(event_path(event_id), safe="/~:")


def figure_path(key: str, metric: str, dims: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Where a key figure leads: the list of what it is made of, as a path and what that is asked."""
    match key:
        case "certificates":
            return "/certificates", {}
        case "deep_learning":
            return "/certificates", dims
        case "companies":
            return "/companies", {"holding": "true"}
        case "provinces":
            return "/pricing", {}
        case "ipo":
            return "/filings", {}
        case _:
            return "/events", {"metric": metric, "dims": dim_key(dims)}


def money(amount: Money | None, words: Words) -> str:
    """An amount for people: exact below a million, from there in the units of the language (million, billion; 万, 亿).

    Decimals are those of the currency: two for yuan, none for yen; none where there are only noughts.
    """
    if amount is None:
        return "–"
    sign, whole = ("−" if amount.minor < 0 else ""), abs(amount.amount)
    symbol = {"CNY": "¥", "USD": "$", "HKD": "HK$", "EUR": "€"}.get(amount.currency, f"{amount.currency} ")
    scales = ((10**8, "亿"), (10**4, "万")) if words.lang == "zh" else ((10**9, " bn"), (10**6, " m"))
    for scale, name in scales:
        if whole >= max(scale, 10**6):
            return f"{sign}{symbol}{whole / scale:,.2f}{name}"
    return f"{sign}{symbol}{whole:,.{amount.digits if whole % 1 else 0}f}"


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
