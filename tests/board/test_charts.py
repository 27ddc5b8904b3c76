"""Charts: what is in the specs, what comes out of the drawing process, and that colours are the page's."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree as ET

import altair as alt
import httpx
import pytest
from jsonschema import Draft7Validator

from board.app import STATIC
from board.charts import draw
from board.look import Spec, ticks
from board.orders import ChartName, Order, Size
from board.palette import PALETTES, Theme
from board.render import NotDrawn, Renderer
from board.summary import PROVINCES, Day, Row, StageRow
from board.words import Lang
from events.event import IpoStage

DAY = date(2022, 9, 1)
ROWS = [
    Row(key="lung_nodule", en="Lung nodule", zh="肺结节", value=3, added={date(2020, 11, 9): 1, date(2020, 12, 1): 2}),
    Row(key="stroke", en="Ischaemic stroke", zh="缺血性脑卒中", value=1, added={date(2022, 9, 1): 1}),
]
ORDERS = {
    ChartName.CERTIFICATES: Order(
        chart=ChartName.CERTIFICATES,
        as_of=DAY,
        days=[Day(day=date(2020, 1, 14), added=2, total=5), Day(day=date(2022, 9, 1), added=1, total=6)],
    ),
    ChartName.SCENARIOS: Order(chart=ChartName.SCENARIOS, as_of=DAY, rows=ROWS),
    ChartName.MODALITIES: Order(chart=ChartName.MODALITIES, rows=[Row(key="MR", en="MR", zh="MR", value=4)]),
    ChartName.PRICING: Order(chart=ChartName.PRICING, rows=[Row(key="qfr", en="QFR", zh="QFR", value=11)]),
    ChartName.IPO: Order(
        chart=ChartName.IPO, stages=[StageRow(stage=IpoStage.INQUIRY, exchanges={"HKEX": 2, "BSE": 1})]
    ),
}


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_line_starts_from_what_is_not_dated_and_ends_today() -> None:
    data = draw(ORDERS[ChartName.CERTIFICATES])["datasets"]
    assert [(step["day"][:10], step["total"]) for step in data["steps"]] == [
        ("2020-01-01", 3),
        ("2020-01-14", 5),
        ("2022-09-01", 6),
        ("2022-09-01", 6),
    ]
    assert [(month["middle"][:10], month["added"]) for month in data["months"]] == [
        ("2020-01-15", 2),
        ("2022-09-15", 1),
    ]


def test_dots_are_quarters() -> None:
    data = draw(ORDERS[ChartName.SCENARIOS])["datasets"]
    assert [(dot["name"], dot["quarter"][:10], dot["n"]) for dot in data["quarters"]] == [
        ("Lung nodule", "2020-11-15", 3),
        ("Ischaemic stroke", "2022-08-15", 1),
    ]


def test_a_product_has_a_place_for_each_province() -> None:
    cells = draw(ORDERS[ChartName.PRICING])["datasets"]["cells"]
    assert len(cells) == PROVINCES
    assert sum(cell["priced"] for cell in cells) == 11


def test_two_products_of_one_name_stay_two() -> None:
    rows = [Row(key="a", en="QFR", zh="QFR", value=2), Row(key="b", en="QFR", zh="QFR", value=1)]
    totals = draw(Order(chart=ChartName.PRICING, rows=rows))["datasets"]["totals"]
    assert [total["name"] for total in totals] == ["QFR (a)", "QFR (b)"]


@pytest.mark.parametrize(
    ("most", "expected"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (49, [0, 10, 20, 30, 40, 50]), (476, [0, 100, 200, 300, 400, 500])],
)
def test_ticks_are_whole_and_reach_the_top(most: int, expected: list[int]) -> None:
    assert ticks(most, 5) == expected


def colours(spec: Spec) -> set[str]:
    return set(re.findall(r"#[0-9a-f]{6}", str(spec)))


@pytest.mark.parametrize("chart", ChartName)
@pytest.mark.parametrize("size", Size)
def test_a_spec_is_what_the_schema_of_vega_lite_says(chart: ChartName, size: Size) -> None:
    spec = draw(ORDERS[chart].model_copy(update={"size": size}))
    validator = Draft7Validator(alt.load_schema())
    assert [error.message for error in validator.iter_errors(spec)] == []
    assert not validator.is_valid({**spec, "config": {"view": {"stroke": 7}}})


@pytest.mark.parametrize("chart", ChartName)
def test_each_theme_uses_its_own_colours_only(chart: ChartName) -> None:
    order = ORDERS[chart]
    for theme, palette in PALETTES.items():
        p = palette
        allowed = {p.ink, p.muted, p.rule, p.track, p.line, p.accent, *p.steps}
        spec = draw(order.model_copy(update={"theme": theme}))
        assert colours(spec) <= allowed
        assert spec["config"]["background"] == "transparent"


@pytest.mark.parametrize("theme", Theme)
def test_the_style_sheet_has_the_same_colours(theme: Theme) -> None:
    css = (STATIC / "board.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    block = light if theme is Theme.LIGHT else dark
    palette = PALETTES[theme]
    for name in ("paper", "ink", "muted", "rule", "track", "line", "accent"):
        assert f"--{name}: {getattr(palette, name)};" in block


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", Theme)
def test_text_and_marks_have_the_contrast_of_wcag_aa(theme: Theme) -> None:
    p = PALETTES[theme]
    assert all(contrast(colour, p.paper) >= 4.5 for colour in (p.ink, p.muted, p.line, p.accent))
    assert all(contrast(colour, p.paper) >= 3 for colour in p.steps)


@pytest.mark.asyncio
async def test_the_drawing_process_draws_once_and_comes_back_when_it_is_killed() -> None:
    renderer = Renderer()
    try:
        chinese = ORDERS[ChartName.SCENARIOS].model_copy(update={"lang": Lang.ZH})
        svg, name = await renderer.svg(chinese)
        assert {"肺结节", "缺血性脑卒中", "2021"} <= set(texts(svg))
        process = renderer._process
        assert process is not None
        process.kill()
        await process.wait()
        assert await renderer.svg(chinese) == (svg, name), "a chart that was drawn needs no process"
        again, _ = await renderer.svg(ORDERS[ChartName.IPO])
        assert {"Inquiry", "HKEX", "BSE", "3"} <= set(texts(again))
        with pytest.raises(NotDrawn, match="needs its day"):
            await renderer.svg(Order(chart=ChartName.CERTIFICATES))
    finally:
        await renderer.aclose()


@pytest.mark.asyncio
async def test_charts_by_http(board: httpx.AsyncClient) -> None:
    names = set()
    for chart in ChartName:
        answer = await board.get(f"/charts/{chart}.svg", params={"theme": "dark", "size": Size.NARROW})
        assert answer.headers["content-type"] == "image/svg+xml"
        assert ET.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"
        names.add(answer.headers["etag"])
    assert len(names) == len(ChartName)
    known = await board.get("/charts/pricing.svg")
    assert "DEEPVESSEL FFR" in texts(known.text)
    again = await board.get("/charts/pricing.svg", headers={"if-none-match": known.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    past = await board.get("/charts/certificates.svg?as_of=2021-06-30")
    assert "19" in texts(past.text)


@pytest.mark.asyncio
async def test_the_drawing_process_ends_with_its_input() -> None:
    renderer = Renderer()
    try:
        await renderer.svg(ORDERS[ChartName.MODALITIES])
        process = renderer._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        assert await process.wait() == 0
    finally:
        await renderer.aclose()
