"""The base metrics, from the events alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import chain

from events.base import EntityRef
from events.event import (
    DeviceApproval,
    EventBase,
    Filing,
    FinancialReport,
    FinancingRound,
    Guidance,
    InnovationReview,
    IpoProgress,
    IpoStage,
    OverseasClearance,
    PriceItem,
    ReimbursementListing,
)
from events.ids import normalised
from medpulse.verify.observed import By, Plain, Seen, day_of, different, groups, statistical_year, total
from streams.enrich.register import register

FIGURES = ("revenue", "gross_profit", "rd_expense", "net_profit", "cash", "top_five_share_bp")
NEVER = float("-inf")
"""Before every instant: where an undated move stands."""


def year(event: EventBase) -> int | None:
    day = day_of(event)
    return day.year if day else None


def sector(event: EventBase) -> str | None:
    return None if event.labels.sector == "other" else str(event.labels.sector)


def class3(events: Iterable[EventBase]) -> list[DeviceApproval]:
    """The Class III certificates that assert AI."""
    return [e for e in events if isinstance(e, DeviceApproval) and e.device_class == 3 and e.labels.is_ai]


def certificate(event: DeviceApproval) -> By:
    """What a certificate can be grouped by."""
    return groups(
        company=event.registrant and event.registrant.id,
        scenario=set(event.labels.scenario),
        algorithm=set(event.labels.algorithm),
        sector=event.labels.sector,
        modality=None if event.labels.modality == "other" else event.labels.modality,
        year=event.certificate_year or year(event),
        device_class=event.device_class,
        origin=event.origin,
    )


def _each(of: Callable[[EventBase], Iterable[Seen]]) -> Callable[[Sequence[EventBase], date], Iterable[Seen]]:
    return lambda events, _: [seen for event in events for seen in of(event)]


def _ai(what: Callable[[DeviceApproval], Iterable[str]]) -> Plain:
    def observe(events: Sequence[EventBase], _: date) -> Iterable[Seen]:
        return [Seen(day_of(e), one, certificate(e)) for e in class3(events) for one in what(e)]

    return observe, different


def _events(event: EventBase) -> Iterable[Seen]:
    yield Seen(day_of(event), 1, groups(type=getattr(event, "type", ""), source=event.source_id))


def _certificates(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, DeviceApproval):
        yield Seen(day_of(event), 1, certificate(event))


def _provinces(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, PriceItem) and event.product and event.province != "CN":
        yield Seen(day_of(event), event.province, groups(product=event.product.id))


def _items(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, ReimbursementListing) and event.items is not None:
        yield Seen(day_of(event), event.items, groups(province=event.province))


def _listings(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, ReimbursementListing):
        yield Seen(day_of(event), 1, groups(province=event.province, year=year(event)))


def _reviews(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, InnovationReview):
        by = groups(company=event.applicant and event.applicant.id, sector=sector(event), year=year(event))
        yield Seen(day_of(event), 1, by)


def _guidance(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, Guidance):
        relevant = "true" if event.labels.ai_relevant else "false"
        yield Seen(day_of(event), 1, groups(stage=event.stage, ai_relevant=relevant, year=year(event)))


def _filings(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, Filing):
        yield Seen(day_of(event), 1, groups(company=event.company.id))


def _clearances(equipment: bool) -> Callable[[EventBase], Iterable[Seen]]:
    def of(event: EventBase) -> Iterable[Seen]:
        if isinstance(event, OverseasClearance):
            company = event.company
            if equipment or "imaging_equipment" not in register().tags(company.id):
                china = None if company.china is None else str(company.china).lower()
                by = groups(company=company.id, panel=event.panel, year=year(event), china=china)
                yield Seen(day_of(event), 1, by | groups(register=event.register_name))

    return of


def _rounds(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, FinancingRound):
        yield Seen(day_of(event), 1, round_groups(event))


def round_groups(event: FinancingRound) -> By:
    """What a round can be grouped by."""
    day = day_of(event)
    early = {True: "true", False: "false", None: "unknown"}[event.early_stage]
    by = groups(company=event.company.id, round=event.round, sector=sector(event), early_stage=early)
    return by | groups(statistical_year=statistical_year(day) if day else None)


def _channel(event: EventBase) -> Iterable[Seen]:
    named = [value for name in type(event).model_fields for value in _many(getattr(event, name))]
    ids = {ref.id for ref in (*named, *event.labels.entities) if isinstance(ref, EntityRef)}
    tags = {tag[8:] for one in ids for tag in register().tags(one) if tag.startswith("channel_")}
    if tags:
        yield Seen(day_of(event), 1, groups(tag=tags, type=getattr(event, "type", ""), year=year(event)))


def _many(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _companies(event: EventBase) -> Iterable[Seen]:
    if isinstance(event, FinancialReport) and any(getattr(event, name) is not None for name in FIGURES):
        yield Seen(day_of(event), event.company.id)


def placed(event: EventBase) -> str | None:
    """The company that an event places in its sub-sector."""
    if sector(event) is None:
        return None
    if isinstance(event, FinancialReport | FinancingRound):
        return event.company.id
    return event.registrant.id if event in class3([event]) and event.registrant else None


def _projects(events: Sequence[EventBase], as_of: date) -> Iterable[Seen]:
    """Each project in the last stage that it reached up to the day."""
    order, last = list(IpoStage), dict[str, IpoProgress]()
    moves = [e for e in events if isinstance(e, IpoProgress) and (day_of(e) or as_of) <= as_of]
    for move in sorted(
        moves, key=lambda e: (e.event_time.timestamp() if e.event_time else NEVER, order.index(e.stage))
    ):
        last[f"{move.exchange}/{move.project_id}"] = move
    return [Seen(day_of(e), project, groups(exchange=e.exchange, stage=e.stage)) for project, e in last.items()]


def _one(of: type[EventBase], what: Callable[..., Iterable[str]]) -> Plain:
    return _each(lambda e: [Seen(day_of(e), one) for one in what(e)] if isinstance(e, of) else []), different


BASE: dict[str, Plain] = {
    "events": (_each(_events), total),
    "certificates": (_each(_certificates), total),
    "class3_certificates": (lambda events, _: chain(*(_certificates(e) for e in class3(events))), total),
    "class3_companies": _ai(lambda e: [e.registrant.id] if e.registrant else []),
    "class3_scenarios": _ai(lambda e: e.labels.scenario),
    "class3_modalities": _ai(lambda e: certificate(e).get("modality", ())),
    "class3_products": _ai(lambda e: [e.certificate_number]),
    "pricing_provinces": (_each(_provinces), different),
    "price_items": _one(PriceItem, lambda e: [e.item_name]),
    "reimbursement_items": (_each(_items), total),
    "reimbursement_listings": (_each(_listings), total),
    "reimbursed_products": _one(ReimbursementListing, lambda e: [p.id for p in e.products]),
    "innovation_entries": (_each(_reviews), total),
    "innovation_products": _one(InnovationReview, lambda e: [normalised(e.product_name)]),
    "ipo_projects": (_projects, different),
    "overseas_clearances": (_each(_clearances(True)), total),
    "overseas_clearances_no_equipment": (_each(_clearances(False)), total),
    "guidance_documents": (_each(_guidance), total),
    "filings": (_each(_filings), total),
    "channel_events": (_each(_channel), total),
    "financing_rounds": (_each(_rounds), total),
    "financing_deals": _one(FinancingRound, lambda e: [e.event_id]),
    "company_figures": (_each(_companies), different),
    "company_sectors": (_each(lambda e: [Seen(day_of(e), c) for c in [placed(e)] if c]), different),
}
"""Name of a base metric → its observations, and how they become one number."""
