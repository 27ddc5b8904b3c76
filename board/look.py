"""What the charts have in common: looks, axes, and the finishing of a spec."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import altair as alt

from board.palette import PALETTES, Palette, Theme
from board.words import Words

FONT = "-apple-system, Segoe UI, Roboto, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
ROW = 27
Spec = dict[str, Any]
Rows = list[dict[str, Any]]
Drawing: TypeAlias = dict[str, Any]
"""A part of a spec: one view, or several of them in layers or beside one another."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a chart is drawn: its colours, its words, and whether it is for a phone."""

    theme: Theme
    words: Words
    narrow: bool = False

    @property
    def palette(self) -> Palette:
        return PALETTES[self.theme]

    def width(self, wide: int) -> int:
        return 340 if self.narrow else wide


def names_axis(p: Palette, room: int) -> alt.Axis:
    """An axis of names, set flush left in a fixed room."""
    return alt.Axis(
        labelAlign="left",
        labelPadding=room,
        labelLimit=room - 10,
        labelFontSize=13,
        labelColor=p.ink,
        domain=False,
        ticks=False,
        minExtent=room,
        maxExtent=room,
    )


def ticks(most: int, about: int) -> list[int]:
    """Round whole numbers from 0 to at least ``most``, about so many: Vega's own would have halves between 0 and 1."""
    step = next(
        step
        for power in range(20)
        for step in (10**power, 2 * 10**power, 5 * 10**power)
        if step * about >= max(most, 1)
    )
    return list(range(0, max(most, 1) + step, step))


def values_axis(p: Palette, values: list[int]) -> alt.Axis:
    """An axis of whole numbers on the right."""
    return alt.Axis(
        orient="right",
        values=values,
        format="d",
        domain=False,
        ticks=False,
        gridColor=p.rule,
        labelPadding=8,
        minExtent=30,
        maxExtent=30,
    )


def years_axis(p: Palette, labels: bool = True) -> alt.Axis:
    return alt.Axis(
        format="%Y",
        labels=labels,
        ticks=labels,
        tickCount="year",
        grid=True,
        gridColor=p.rule,
        domainColor=p.rule,
        tickColor=p.rule,
        labelAlign="left",
        labelOffset=3,
        labelFlush=False,
    )


def view(chart: alt.Chart) -> Drawing:
    """One view. Only the finished spec is held against the schema, by the tests: it would take longer than drawing it."""
    made: Drawing = chart.to_dict(validate=False)
    return {name: part for name, part in made.items() if name not in {"$schema", "config"}}


def layer(*charts: alt.Chart, width: int, height: int | alt.Step) -> Drawing:
    """Views on top of one another. Put together here: Altair's own `layer` copies every chart several times."""
    tall = height if isinstance(height, int) else height.to_dict()
    return {"layer": [view(chart) for chart in charts], "width": width, "height": tall}


def finish(drawing: Drawing, look: Look, **data: Rows) -> Spec:
    """The spec of a drawing with its data sets."""
    p = look.palette
    config = {
        "background": "transparent",
        "font": FONT,
        "padding": {"left": 0, "right": 6, "top": 4, "bottom": 4},
        "view": {"stroke": None},
        "axis": {"labelColor": p.muted, "labelFontSize": 12},
    }
    return {"$schema": alt.SCHEMA_URL, "config": config, **drawing, "datasets": data}


def local(day: date) -> str:
    """A day as Vega reads it in its own zone, which is the one that it labels axes in: no day is shifted."""
    return f"{day.isoformat()}T00:00:00"
