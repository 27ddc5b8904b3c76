"""What is asked of the drawing process: a chart, its figures and its looks, as one value whose digest names the picture."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel

from board.palette import Theme
from board.reading import Reading
from board.summary import Day, Row, StageRow, Summary, certificates, ipo, modalities, pricing, scenarios
from board.words import Lang
from events.ids import digest


class ChartName(StrEnum):
    """The charts that there are."""

    CERTIFICATES = "certificates"
    SCENARIOS = "scenarios"
    MODALITIES = "modalities"
    PRICING = "pricing"
    IPO = "ipo"


MOST_ROWS = 20
"""The greatest values of a dimension are drawn, this many at the most."""


class Size(StrEnum):
    """For a screen or for a phone."""

    WIDE = "wide"
    NARROW = "narrow"


class Order(BaseModel):
    """One chart. Only the list of figures that it is made of is filled, and the day only where it has a time axis."""

    chart: ChartName
    as_of: date | None = None
    days: list[Day] = []
    rows: Annotated[list[Row], AfterValidator(lambda rows: rows[:MOST_ROWS])] = []
    stages: list[StageRow] = []
    lang: Lang = Lang.EN
    theme: Theme = Theme.LIGHT
    size: Size = Size.WIDE
    png: bool = False
    """As a PNG, for where SVG is not shown: mail."""

    @property
    def version(self) -> str:
        """Changes when, and only when, the figures do."""
        return digest(self.model_dump_json(exclude={"lang", "theme", "size", "png"}))[:12]


async def order(reading: Reading, chart: ChartName, as_of: date) -> Order:
    """The order for a chart as of a day, with its figures read from the view."""
    return await reading.once("order", chart, as_of, work=lambda: _order(reading, chart, as_of))


async def _order(reading: Reading, chart: ChartName, as_of: date) -> Order:
    match chart:
        case ChartName.CERTIFICATES:
            return Order(chart=chart, as_of=as_of, days=await certificates(reading, as_of))
        case ChartName.SCENARIOS:
            return Order(chart=chart, as_of=as_of, rows=await scenarios(reading, as_of))
        case ChartName.MODALITIES:
            return Order(chart=chart, rows=await modalities(reading, as_of))
        case ChartName.PRICING:
            return Order(chart=chart, rows=await pricing(reading, as_of))
        case ChartName.IPO:
            return Order(chart=chart, stages=await ipo(reading, as_of))


def order_of(found: Summary, chart: ChartName) -> Order:
    """The same order from figures that were read already."""
    match chart:
        case ChartName.CERTIFICATES:
            return Order(chart=chart, as_of=found.as_of, days=found.certificates)
        case ChartName.SCENARIOS:
            return Order(chart=chart, as_of=found.as_of, rows=found.scenarios)
        case ChartName.MODALITIES:
            return Order(chart=chart, rows=found.modalities)
        case ChartName.PRICING:
            return Order(chart=chart, rows=found.pricing)
        case ChartName.IPO:
            return Order(chart=chart, stages=found.ipo)


async def versions(reading: Reading, found: Summary) -> dict[ChartName, str]:
    """Chart → the version of its figures, for the addresses of the pictures."""

    async def work() -> dict[ChartName, str]:
        return {chart: order_of(found, chart).version for chart in ChartName}

    return await reading.once("versions", found.as_of, work=work)
