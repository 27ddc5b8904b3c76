"""The figures of one day, gathered from the view into typed models: what the page shows and ``/api/summary`` answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

from pydantic import BaseModel, Field

from board.reading import Reading
from events.event import Event, IpoStage
from events.messages import Delivery, SourceHealth
from events.scenarios import SCENARIOS

PROVINCES = 31
"""Provinces, autonomous regions and municipalities of the mainland: each sets its own prices."""

LATEST = 12
DELIVERIES = 10
SPARK_POINTS = 13

FIGURES: Mapping[str, tuple[str, dict[str, str]]] = {
    "certificates": ("class3_certificates", {}),
    "companies": ("class3_companies", {}),
    "scenarios": ("class3_scenarios", {}),
    "deep_learning": ("class3_certificates", {"algorithm": "deep"}),
    "provinces": ("pricing_provinces", {}),
    "ipo": ("ipo_projects", {}),
    "overseas": ("overseas_clearances", {}),
    "guidance": ("guidance_documents", {}),
}
"""Key figure → the metric and the dimensions that it is read from."""


class Figure(BaseModel):
    """A cumulative value, its change over the last 30 and 365 days, and its value at the ends of 13 equal steps of a year."""

    key: str
    metric: str
    dims: dict[str, str]
    value: int
    change_30d: int
    change_365d: int
    history: list[int]


class Day(BaseModel):
    """A day in Asia/Shanghai on which something was added; ``total`` includes what is not dated."""

    day: date
    added: int
    total: int


class Row(BaseModel):
    """One value of a dimension, with its name in English and Chinese."""

    key: str
    en: str
    zh: str
    value: int
    added: dict[date, int] = Field(default_factory=dict)
    """Day → amount, where the metric has daily amounts and they were asked for."""


class StageRow(BaseModel):
    """The listing applications in one stage, by exchange."""

    stage: IpoStage
    exchanges: dict[str, int]


class Told(BaseModel):
    """A delivery with the title and link of what was told; both None where the alert is no longer kept."""

    delivery: Delivery
    title: str | None
    url: str | None
    illustrative: bool


class Summary(BaseModel):
    """Everything on the page, as of a day in Asia/Shanghai. Sources and deliveries are always the present ones."""

    as_of: date
    events_total: int
    figures: list[Figure]
    certificates: list[Day]
    scenarios: list[Row]
    modalities: list[Row]
    pricing: list[Row]
    provinces: int = PROVINCES
    ipo: list[StageRow]
    events: list[Event]
    sources: list[SourceHealth]
    deliveries: list[Told]

    def figure(self, key: str) -> Figure:
        """The key figure of that name. Raises StopIteration for none."""
        return next(figure for figure in self.figures if figure.key == key)


async def summary(reading: Reading, as_of: date) -> Summary:
    """All figures as of a day: those of the latest version of the view, never of one before."""
    sector = await reading.once("sector", as_of, work=lambda: _sector(reading, as_of))
    now = {"sources": await reading.view.health(), "deliveries": await deliveries(reading, DELIVERIES)}
    return sector.model_copy(update=now)


async def _sector(reading: Reading, as_of: date) -> Summary:
    """What depends on the view alone: it is worked out once for each version of it."""
    return Summary.model_validate(
        {
            "as_of": as_of,
            "events_total": await reading.count_until(as_of),
            "figures": await figures(reading, as_of),
            "certificates": await certificates(reading, as_of),
            "scenarios": await scenarios(reading, as_of),
            "modalities": await modalities(reading, as_of),
            "pricing": await pricing(reading, as_of),
            "ipo": await ipo(reading, as_of),
            "events": await reading.events_until(as_of, LATEST),
            "sources": [],
            "deliveries": [],
        }
    )


async def figures(reading: Reading, as_of: date) -> list[Figure]:
    """The key figures in the order of the page."""
    steps = [as_of - timedelta(days=round(365 * back / (SPARK_POINTS - 1))) for back in reversed(range(SPARK_POINTS))]
    made = []
    for key, (name, dims) in FIGURES.items():
        month_ago, *history = await reading.view.history(name, [as_of - timedelta(days=30), *steps], dims)
        now = history[-1]
        made.append(
            Figure(
                key=key,
                metric=name,
                dims=dims,
                value=now,
                change_30d=now - month_ago,
                change_365d=now - history[0],
                history=history,
            )
        )
    return made


async def certificates(reading: Reading, as_of: date) -> list[Day]:
    """Class III AI certificates by the days on which some were added."""
    days = await reading.once("days", work=lambda: _days(reading))
    return days[: bisect_right(days, as_of, key=lambda one: one.day)]


async def _days(reading: Reading) -> list[Day]:
    """Those of all days: what a day adds, and the total at its end, are the same from whichever day it is looked at."""
    added = _dated(await reading.view.daily("class3_certificates"))
    undated = await reading.view.value("class3_certificates", date.max) - sum(added.values())
    return _totals(tuple(added.items()), undated)


@lru_cache(maxsize=4)
def _totals(added: tuple[tuple[date, int], ...], undated: int) -> list[Day]:
    totals = accumulate((amount for _, amount in added), initial=undated)
    next(totals)
    return [Day(day=day, added=amount, total=total) for (day, amount), total in zip(added, totals, strict=True)]


async def scenarios(reading: Reading, as_of: date) -> list[Row]:
    """Class III AI certificates by scenario, greatest first, with the days on which they were added."""
    found = await reading.view.table("class3_certificates", "scenario", as_of)
    added = await reading.once("scenario-days", work=lambda: _scenario_days(reading))
    rows = []
    for key, value in found.items():
        en, zh = SCENARIOS.get(key, (key, key))
        days = added.get(key, [])
        until = days[: bisect_right(days, as_of, key=lambda one: one[0])]
        rows.append(Row(key=key, en=en, zh=zh, value=value, added=dict(until)))
    return rows


async def _scenario_days(reading: Reading) -> dict[str, list[tuple[date, int]]]:
    """Scenario → (day, certificates added on it), of all days."""
    found = await reading.view.dailies("class3_certificates", "scenario")
    return {scenario: list(_dated(daily).items()) for scenario, daily in found.items()}


async def modalities(reading: Reading, as_of: date) -> list[Row]:
    """Class III AI certificates by modality, greatest first."""
    found = await reading.view.table("class3_certificates", "modality", as_of)
    return [Row(key=key, en=key, zh=key, value=value) for key, value in found.items()]


async def pricing(reading: Reading, as_of: date) -> list[Row]:
    """Priced products with the number of provinces that priced them, most widely priced first."""
    found = await reading.view.table("pricing_provinces", "product", as_of)
    names = await reading.once("product-names", work=lambda: _product_names(reading))
    return [_priced(key, names.get(key, key), min(value, PROVINCES)) for key, value in found.items()]


@lru_cache(maxsize=8192)
def _priced(key: str, name: str, provinces: int) -> Row:
    return Row(key=key, en=name, zh=name, value=provinces)


async def _product_names(reading: Reading) -> dict[str, str]:
    return await reading.names(await reading.view.table("pricing_provinces", "product", date.max))


async def ipo(reading: Reading, as_of: date) -> list[StageRow]:
    """Listing applications by stage, in the order that stages are usually reached, those without any left out."""
    held = await reading.view.states("ipo_projects", "exchange", as_of)
    return [StageRow(stage=stage, exchanges=dict(sorted(held[stage].items()))) for stage in IpoStage if stage in held]


async def deliveries(reading: Reading, limit: int, offset: int = 0) -> list[Told]:
    """The latest deliveries with what they told, newest first."""
    told = []
    for delivery in await reading.deliveries(limit, offset):
        alert = await reading.view.alert(delivery.alert_id)
        told.append(
            Told(
                delivery=delivery,
                title=alert.title if alert else None,
                url=alert.url if alert else None,
                illustrative=alert.illustrative if alert else False,
            )
        )
    return told


def _dated(found: dict[str, int]) -> dict[date, int]:
    return {date.fromisoformat(day): amount for day, amount in found.items() if amount}
