"""Contributions one by one: to a count, a distinct or a fact series, each checked against the table of metrics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from events.clock import SHANGHAI, shanghai_day
from events.event import EventBase
from events.labels import Sector
from events.view.catalog import METRICS
from events.view.series import Contribution, day_field, dim_key, fact_field, member_field

LIST = ";"
"""Between the values of a part that holds several (`events.view.derived.certificates.LIST`)."""


def count(event: EventBase, metric: str, amount: int = 1, /, **dims: str | None) -> list[Contribution]:
    """The total and one series for each dimension that is known."""
    return each(metric, day_field(event.event_time), amount, dims)


def distinct(event: EventBase, metric: str, member: str, **dims: str | None) -> list[Contribution]:
    """The same, of a member."""
    return each(metric, member_field(event.event_time, member), 1, dims)


def each(metric: str, field: str, amount: int, dims: Mapping[str, str | None]) -> list[Contribution]:
    """One field of the total, and of one series for each dimension that is known."""
    return [(metric, key, field, amount) for key in _keys(metric, tuple(dims.items()))]


@lru_cache(maxsize=16_384)  # an event gives ten contributions, and the same companies, years and labels come again
def _keys(metric: str, dims: tuple[tuple[str, str | None], ...]) -> tuple[str, ...]:
    return _one_dim(metric), *(_one_dim(metric, name, value) for name, value in dims if value)


def fact(event: EventBase, metric: str, *parts: str | int | None) -> Contribution:
    """One row of a fact series; what is not known is an empty text."""
    texts = ("" if part is None else str(part) for part in parts)
    return metric, _one_dim(metric), fact_field(event.event_time, *texts), 1


def works_in(event: EventBase, company: str) -> list[Contribution]:
    """The sub-sector of a company, where the event is labelled with one."""
    known = sector(event)
    return [fact(event, "company_sectors", company, known)] if known else []


def series(event: EventBase, metric: str, name: str, value: str, member: str | None = None) -> Contribution:
    """One field of the series of one value of a dimension."""
    at = event.event_time
    return metric, _one_dim(metric, name, value), day_field(at) if member is None else member_field(at, member), 1


@lru_cache(maxsize=16_384)
def _one_dim(metric: str, name: str = "", value: str = "") -> str:
    """The `dim_key` of a series that has one dimension, or, without a name, none. Raises KeyError if the table has no such."""
    spec = METRICS[metric]
    if name and name not in spec.dims:
        raise KeyError(f"{spec.name} has no dimension {name}")
    return dim_key({name: value}) if name else ""


def year(event: EventBase) -> str | None:
    """The year of the event in Asia/Shanghai."""
    return None if event.event_time is None else _year(event.event_time)


@lru_cache(maxsize=4096)
def _year(at: datetime) -> str:
    return str(shanghai_day(at).year)


def statistical_year(event: EventBase) -> str | None:
    """The year in which the statistical year of the event ends: 1 September 2020 to 31 August 2021 is ``2021``."""
    if event.event_time is None:
        return None
    day = event.event_time.astimezone(SHANGHAI)
    return str(day.year + (day.month >= 9))


def sector(event: EventBase) -> str | None:
    """The sub-sector that the event is labelled with; None for `Sector.OTHER`, which says nothing."""
    return None if event.labels.sector is Sector.OTHER else event.labels.sector.value
