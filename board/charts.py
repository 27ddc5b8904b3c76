"""The charts: pure functions from figures to Vega-Lite specs, by Altair. `board/draw.py` makes SVG of them.

Widths are pixels of the whole chart. Labels are given a fixed room, so that a chart is laid out the same whatever fonts the
rendering machine has. No spec holds a URL: rendering needs no network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import altair as alt

from board.look import (
    ROW,
    Drawing,
    Look,
    Rows,
    Spec,
    finish,
    layer,
    local,
    names_axis,
    ticks,
    values_axis,
    view,
    years_axis,
)
from board.orders import ChartName, Order, Size
from board.summary import PROVINCES, Day, Row, StageRow
from board.words import Words

EXCHANGES = ("HKEX", "SSE", "SZSE", "BSE")


def draw(order: Order) -> Spec:
    """The spec of what was ordered."""
    look = Look(order.theme, Words(order.lang), order.size is Size.NARROW)
    match order.chart:
        case ChartName.CERTIFICATES:
            return certificates(order.days, _day(order), look)
        case ChartName.SCENARIOS:
            return scenarios(order.rows, _day(order), look)
        case ChartName.MODALITIES:
            return modalities(order.rows, look)
        case ChartName.PRICING:
            return pricing(order.rows, look)
        case ChartName.IPO:
            return ipo(order.stages, look)


def certificates(days: Sequence[Day], as_of: date, look: Look) -> Spec:
    """The cumulative number as a step line with its last value, over bars of each month."""
    start = _period(days[0].day if days else as_of, 1)
    steps: Rows = [{"day": local(d.day), "total": d.total} for d in days]
    if days:
        first = {"day": local(start), "total": days[0].total - days[0].added}
        steps = [first, *steps, {"day": local(as_of), "total": days[-1].total}]
    scale = alt.Scale(domain=[local(start), local(_period(as_of, 1, after=1))], padding=0)
    months = _monthly(days)
    curve = _curve(scale, ticks(days[-1].total if days else 0, 5), look)
    bars = _month_bars(scale, _months(start, as_of), ticks(max((m["added"] for m in months), default=0), 2), look)
    return finish({"vconcat": [curve, bars], "spacing": 10}, look, steps=steps, last=steps[-1:], months=months)


def _curve(scale: alt.Scale, values: list[int], look: Look) -> Drawing:
    p = look.palette
    x = alt.X("day:T", scale=scale, title=None, axis=years_axis(p, labels=False))
    y = alt.Y("total:Q", title=None, axis=values_axis(p, values), scale=alt.Scale(domain=[0, values[-1]]))
    base = alt.Chart(alt.NamedData("steps")).encode(x=x, y=y)
    last = alt.Chart(alt.NamedData("last")).encode(x=x, y=y)
    return layer(
        base.mark_area(interpolate="step-after", color=p.line, opacity=0.11),
        base.mark_line(interpolate="step-after", color=p.line, strokeWidth=2),
        last.mark_circle(color=p.accent, size=52, opacity=1),
        last.mark_text(align="right", dx=-9, dy=-9, fontSize=17, fontWeight=700, color=p.accent).encode(text="total:Q"),
        width=look.width(760) - 44,
        height=205,
    )


def _month_bars(scale: alt.Scale, months: int, values: list[int], look: Look) -> Drawing:
    p, width = look.palette, look.width(760) - 44
    return view(
        alt.Chart(alt.NamedData("months"))
        .mark_bar(color=p.line, size=max(2, min(13, width // max(12, months) - 2)))
        .encode(
            x=alt.X("middle:T", scale=scale, title=None, axis=years_axis(p)),
            y=alt.Y("added:Q", title=None, axis=values_axis(p, values), scale=alt.Scale(domain=[0, values[-1]])),
        )
        .properties(width=width, height=62)
    )


def scenarios(rows: Sequence[Row], as_of: date, look: Look) -> Spec:
    """A row for each scenario: its certificates quarter by quarter as dots, and their number as a bar."""
    names = _names(rows, look)
    label_room, bar_room = 168, 130
    bars: Rows = [{"name": name, "n": row.value} for name, row in zip(names, rows, strict=True)]
    if look.narrow:
        return finish(_bars(bars, look, label_room, look.width(760) - label_room - 20), look, bars=bars)
    points: Rows = [
        {"name": name, "quarter": local(quarter), "n": n}
        for name, row in zip(names, rows, strict=True)
        for quarter, n in _quarters(row.added).items()
    ]
    first = min((day for row in rows for day in row.added), default=as_of)
    scale = alt.Scale(domain=[local(_period(first, 3)), local(_period(as_of, 3, after=1))])
    dots = _strip(names, scale, max((point["n"] for point in points), default=1), label_room, look)
    strip = view(dots.properties(width=760 - label_room - bar_room - 44, height=alt.Step(ROW)))
    return finish({"hconcat": [strip, _bars(bars, look, 0, bar_room)], "spacing": 18}, look, quarters=points, bars=bars)


def _strip(names: list[str], scale: alt.Scale, most: int, room: int, look: Look) -> alt.Chart:
    p = look.palette
    dots: alt.Chart = (
        alt.Chart(alt.NamedData("quarters"))
        .mark_circle(color=p.line, opacity=0.88)
        .encode(
            x=alt.X("quarter:T", title=None, axis=years_axis(p), scale=scale),
            y=alt.Y("name:N", sort=names, title=None, axis=names_axis(p, room), scale=alt.Scale(domain=names)),
            size=alt.Size("n:Q", legend=None, scale=alt.Scale(domain=[0, max(4, most)], range=[0, 340])),
        )
    )
    return dots


def modalities(rows: Sequence[Row], look: Look) -> Spec:
    """A bar for each modality."""
    bars: Rows = [{"name": look.words.value("modality", row.key), "n": row.value} for row in rows]
    return finish(_bars(bars, look, 104, look.width(380) - 104 - 20), look, bars=bars)


def pricing(rows: Sequence[Row], look: Look) -> Spec:
    """For each product a line of 31 places, one for each province that could price it; the filled ones have."""
    p, room = look.palette, 132
    names = _names(rows, look)
    cells: Rows = [
        {"name": name, "place": place, "priced": place < row.value}
        for name, row in zip(names, rows, strict=True)
        for place in range(PROVINCES)
    ]
    totals: Rows = [
        {"name": name, "n": row.value, "at": PROVINCES + 0.6} for name, row in zip(names, rows, strict=True)
    ]
    scale = alt.Scale(domain=[0, PROVINCES + 2.6], nice=False)
    width = look.width(380) - room - 4
    y = alt.Y("name:N", title=None, sort=names, axis=names_axis(p, room))
    colour = alt.Color("priced:N", legend=None, scale=alt.Scale(domain=[True, False], range=[p.accent, p.track]))
    places = alt.Chart(alt.NamedData("cells")).mark_rect(height=13, width=width / (PROVINCES + 2.6) - 1.3)
    numbers = alt.Chart(alt.NamedData("totals")).mark_text(align="left", fontWeight=700, fontSize=13, color=p.ink)
    layered = layer(
        places.encode(x=alt.X("place:Q", scale=scale, axis=None), y=y, color=colour),
        numbers.encode(x=alt.X("at:Q", scale=scale, axis=None), y=y, text="n:Q"),
        width=width,
        height=alt.Step(ROW),
    )
    return finish(layered, look, cells=cells, totals=totals)


def ipo(rows: Sequence[StageRow], look: Look) -> Spec:
    """A bar for each stage in the order of a listing, divided by exchange."""
    p, room = look.palette, 92
    names = [look.words.value("stage", row.stage) for row in rows]
    parts: Rows = [
        {"name": name, "exchange": exchange, "n": n}
        for name, row in zip(names, rows, strict=True)
        for exchange, n in row.exchanges.items()
    ]
    totals: Rows = [{"name": name, "total": sum(row.exchanges.values())} for name, row in zip(names, rows, strict=True)]
    colours = {e: c for e, c in zip(EXCHANGES, p.steps, strict=True) if any(e in row.exchanges for row in rows)}
    legend = alt.Legend(orient="top", title=None, symbolType="square", offset=4, labelColor=p.ink, padding=0)
    y = alt.Y("name:N", sort=names, title=None, axis=names_axis(p, room))
    bars = (
        alt.Chart(alt.NamedData("parts"))
        .mark_bar(height=13)
        .encode(
            x=alt.X("sum(n):Q", axis=None),
            y=y,
            color=alt.Color(
                "exchange:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=legend
            ),
        )
    )
    numbers = alt.Chart(alt.NamedData("totals")).mark_text(align="left", dx=6, fontWeight=700, fontSize=13, color=p.ink)
    stated = numbers.encode(x=alt.X("total:Q", axis=None), y=y, text="total:Q")
    layered = layer(bars, stated, width=look.width(380) - room - 34, height=alt.Step(ROW))
    return finish(layered, look, parts=parts, totals=totals)


def _day(order: Order) -> date:
    if order.as_of is None:
        raise ValueError(f"the chart {order.chart} has a time axis and needs its day")
    return order.as_of


def _names(rows: Sequence[Row], look: Look) -> list[str]:
    """The names of the rows; with the key, where two rows have the same name."""
    names = [look.words.pick(row.en, row.zh) for row in rows]
    return [name if names.count(name) == 1 else f"{name} ({row.key})" for name, row in zip(names, rows, strict=True)]


def _bars(bars: Rows, look: Look, room: int, width: int) -> Drawing:
    """A bar with its number for each row ``{name, n}`` of the data set ``bars``; no names if they have no room."""
    p = look.palette
    axis = names_axis(p, room) if room else None
    names = [bar["name"] for bar in bars]
    most = max((bar["n"] for bar in bars), default=1)
    base = alt.Chart(alt.NamedData("bars")).encode(
        x=alt.X("n:Q", axis=None, scale=alt.Scale(domain=[0, most * 1.22], nice=False)),
        y=alt.Y("name:N", sort=names, title=None, axis=axis, scale=alt.Scale(domain=names)),
    )
    numbers = base.mark_text(align="left", dx=6, fontSize=13, fontWeight=700, color=p.ink).encode(text="n:Q")
    return layer(base.mark_bar(color=p.line, height=13), numbers, width=width, height=alt.Step(ROW))


def _period(day: date, months: int, after: int = 0) -> date:
    """The first day of the period of so many months (a divisor of 12) that the day is in, or of one after it."""
    index = (day.year * 12 + day.month - 1) // months * months + after * months
    return date(index // 12, index % 12 + 1, 1)


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month + 1


def _monthly(days: Sequence[Day]) -> Rows:
    months: Counter[date] = Counter()
    for d in days:
        months[d.day.replace(day=15)] += d.added
    return [{"middle": local(month), "added": added} for month, added in months.items()]


def _quarters(added: dict[date, int]) -> dict[date, int]:
    """Middle day of each quarter → amount."""
    quarters: Counter[date] = Counter()
    for day, n in added.items():
        first = _period(day, 3)
        quarters[first.replace(month=first.month + 1, day=15)] += n
    return quarters
