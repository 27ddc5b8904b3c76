"""What each type of event adds to which series. Pure: the one place where facts become numbers."""

from __future__ import annotations

from collections.abc import Iterator

from events.clock import SHANGHAI
from events.event import (
    DeviceApproval,
    EventBase,
    Filing,
    Guidance,
    IpoProgress,
    IpoStage,
    OverseasClearance,
    PriceItem,
    ReimbursementListing,
)
from events.labels import Modality
from events.view.catalog import METRICS
from events.view.series import Contribution, day_field, member_field, state_field

RANKS = {stage: rank for rank, stage in enumerate(IpoStage)}
NATIONAL = "CN"


def contributions(event: EventBase) -> tuple[Contribution, ...]:
    """The contributions of an event, in a fixed order; none for a retracted one.

    Raises KeyError if a metric or a dimension is not in the table `events.view.catalog.METRICS`.
    """
    return () if event.retracted else tuple(_of(event))


def _of(event: EventBase) -> Iterator[Contribution]:
    kind = getattr(event, "type", "")
    yield from _count(event, "events", type=kind, source=event.source_id)
    match event:
        case DeviceApproval():
            yield from _approval(event)
        case PriceItem() if event.product is not None and event.province != NATIONAL:
            yield from _distinct(event, "pricing_provinces", event.province, product=event.product.id)
        case ReimbursementListing() if event.items is not None:
            yield from _count(event, "reimbursement_items", event.items, province=event.province)
        case IpoProgress():
            yield from _ipo(event)
        case OverseasClearance():
            yield from _clearance(event)
        case Guidance():
            relevant = str(event.labels.ai_relevant).lower()
            yield from _count(event, "guidance_documents", stage=event.stage, ai_relevant=relevant, year=_year(event))
        case Filing():
            yield from _count(event, "filings", company=event.company.id)
        case _:
            pass


def _approval(event: DeviceApproval) -> Iterator[Contribution]:
    year = str(event.certificate_year) if event.certificate_year else _year(event)
    device_class = str(event.device_class) if event.device_class else None
    yield from _count(event, "certificates", device_class=device_class, origin=event.origin, year=year)
    labels = event.labels
    if event.device_class != 3 or not labels.is_ai:
        return
    modality = labels.modality if labels.modality is not Modality.OTHER else None
    company = event.registrant.id if event.registrant else None
    yield from _count(event, "class3_certificates", company=company, year=year, modality=modality, sector=labels.sector)
    for scenario in labels.scenario:
        yield _series(event, "class3_certificates", {"scenario": scenario})
        yield from _distinct_total(event, "class3_scenarios", scenario)
    for algorithm in labels.algorithm:
        yield _series(event, "class3_certificates", {"algorithm": algorithm})
    if modality:
        yield from _distinct_total(event, "class3_modalities", modality)
    if company:
        yield from _distinct(event, "class3_companies", company, modality=modality, year=year)
        for scenario in labels.scenario:
            yield _series(event, "class3_companies", {"scenario": scenario}, member=company)


def _ipo(event: IpoProgress) -> Iterator[Contribution]:
    field = state_field(event.event_time, RANKS[event.stage], f"{event.exchange}/{event.project_id}", event.stage)
    for dims in ({}, {"exchange": event.exchange}):
        yield _checked(Contribution("ipo_projects", tuple(dims.items()), field, 1))


def _clearance(event: OverseasClearance) -> Iterator[Contribution]:
    yield from _count(
        event,
        "overseas_clearances",
        register=event.register_name,
        company=event.company.id,
        panel=event.panel,
        year=_year(event),
        china=None if event.company.china is None else str(event.company.china).lower(),
    )


def _count(event: EventBase, metric: str, amount: int = 1, **dims: str | None) -> Iterator[Contribution]:
    """The total and one series for each dimension that is known."""
    yield _series(event, metric, {}, amount)
    for name, value in dims.items():
        if value:
            yield _series(event, metric, {name: value}, amount)


def _distinct(event: EventBase, metric: str, member: str, **dims: str | None) -> Iterator[Contribution]:
    yield from _distinct_total(event, metric, member)
    for name, value in dims.items():
        if value:
            yield _series(event, metric, {name: value}, member=member)


def _distinct_total(event: EventBase, metric: str, member: str) -> Iterator[Contribution]:
    yield _series(event, metric, {}, member=member)


def _series(
    event: EventBase, metric: str, dims: dict[str, str], amount: int = 1, member: str | None = None
) -> Contribution:
    at = event.event_time
    field = day_field(at) if member is None else member_field(at, member)
    return _checked(Contribution(metric, tuple(dims.items()), field, amount))


def _checked(contribution: Contribution) -> Contribution:
    spec = METRICS[contribution.metric]
    for name, _ in contribution.dims:
        if name not in spec.dims:
            raise KeyError(f"{spec.name} has no dimension {name}")
    return contribution


def _year(event: EventBase) -> str | None:
    return None if event.event_time is None else str(event.event_time.astimezone(SHANGHAI).year)
