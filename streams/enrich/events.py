"""From a notice to what happened: the columns of its source decide the type of event, else its words do."""

from __future__ import annotations

from collections.abc import Sequence

from events.event import EventBase
from events.labels import Kind
from events.notice import Notice
from events.said import whole
from streams.enrich.explain import explain
from streams.enrich.make import approval, clearance, devices, filing, guidance, ipo, price, price_rows, report, rounds
from streams.enrich.make.common import Unusable

__all__ = ["Unusable", "events_of"]


def events_of(notice: Notice) -> list[EventBase]:
    """The events that ``notice`` tells, with deterministic ids; none for a notice of no known kind.

    Raises `Unusable` (a ValueError) for a notice that claims a kind but lacks its key; its ``events`` are those that could
    be made all the same.
    """
    return list(_by_columns(notice) or _by_words(notice))


def _by_columns(notice: Notice) -> Sequence[EventBase]:
    fields = notice.fields
    if "udi_di" in fields or "record_key" in fields:
        return devices.registered(notice)
    if guidance.INNOVATION.search(notice.title) and notice.rows:
        return guidance.reviews(notice, explain(whole(notice)))
    named = {"certificate_number", "acceptance_number", "product_name"}
    if devices.issues(notice) and any(row.keys() & named for row in notice.rows):
        return approval.approvals(notice)
    if price_rows.has_prices(notice):
        return price_rows.priced_rows(notice)
    if "exchange" in fields:
        return report.with_reports(notice, ipo.progress(notice))
    if "announcement_id" in fields:
        return report.with_reports(notice, filing.filings(notice))
    if "submission_number" in fields or "register" in fields:
        return clearance.clearances(notice)
    if "round" in fields and "company" in fields:
        return rounds.rounds(notice)
    return ()


def _by_words(notice: Notice) -> Sequence[EventBase]:
    if notice.source_id == "nmpa-delivery":
        if notice.body.strip():
            raise Unusable(f"the delivery notice {notice.item_key!r} has no table of certificates")
        return ()
    labels = explain(whole(notice))
    if guidance.INNOVATION.search(notice.title):
        return guidance.reviews(notice, labels)
    match labels.kind:
        case Kind.GUIDANCE_ISSUED | Kind.GUIDANCE_DRAFT if not notice.source_id.startswith("nhsa"):
            return guidance.guidance(notice, labels)
        case Kind.PRICE:
            return price.prices(notice, labels)
        case Kind.REIMBURSEMENT:
            return price.listings(notice, labels)
        case _:
            return ()
