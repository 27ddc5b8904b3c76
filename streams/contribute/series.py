"""Contributions one by one: to a count, a distinct or a fact series, each checked against the table of metrics."""

from __future__ import annotations

from collections.abc import Iterator

from events.clock import SHANGHAI
from events.event import EventBase
from events.labels import Sector
from events.view.catalog import METRICS
from events.view.series import Contribution, day_field, fact_field, member_field

LIST = ";"
"""Between the values of a part that holds several (`events.view.derived.certificates.LIST`)."""


def count(event: EventBase, metric: str, amount: int = 1, **dims: str | None) -> Iterator[Contribution]:
    """The total and one series for each dimension that is known."""
    yield series(event, metric, {}, amount)
    for name, value in dims.items():
        if value:
            yield series(event, metric, {name: value}, amount)


def distinct(event: EventBase, metric: str, member: str, **dims: str | None) -> Iterator[Contribution]:
    """The same, of a member."""
    yield series(event, metric, {}, member=member)
    for name, value in dims.items():
        if value:
            yield series(event, metric, {name: value}, member=member)


def fact(event: EventBase, metric: str, *parts: str | int | None) -> Contribution:
    """One row of a fact series; what is not known is an empty text."""
    texts = ("" if part is None else str(part) for part in parts)
    return checked(Contribution(metric, (), fact_field(event.event_time, *texts), 1))


def series(
    event: EventBase, metric: str, dims: dict[str, str], amount: int = 1, member: str | None = None
) -> Contribution:
    """One field of one series."""
    at = event.event_time
    field = day_field(at) if member is None else member_field(at, member)
    return checked(Contribution(metric, tuple(dims.items()), field, amount))


def checked(contribution: Contribution) -> Contribution:
    """The contribution. Raises KeyError if its metric or a dimension is not in the table."""
    spec = METRICS[contribution.metric]
    for name, _ in contribution.dims:
        if name not in spec.dims:
            raise KeyError(f"{spec.name} has no dimension {name}")
    return contribution


def year(event: EventBase) -> str | None:
    """The year of the event in Asia/Shanghai."""
    return None if event.event_time is None else str(event.event_time.astimezone(SHANGHAI).year)


def statistical_year(event: EventBase) -> str | None:
    """The year in which the statistical year of the event ends: 1 September 2020 to 31 August 2021 is ``2021``."""
    if event.event_time is None:
        return None
    day = event.event_time.astimezone(SHANGHAI)
    return str(day.year + (day.month >= 9))


def sector(event: EventBase) -> str | None:
    """The sub-sector that the event is labelled with; None for `Sector.OTHER`, which says nothing."""
    return None if event.labels.sector is Sector.OTHER else event.labels.sector.value
