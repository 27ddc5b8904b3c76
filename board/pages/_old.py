"""The pages for people: the board itself, its charts, and the page that says what went wrong."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel

from board.asked import AsOf, FromView, InLang, InRoom, Room
from board.orders import ChartName, Order, Size, order, order_of
from board.palette import Theme
from board.show import company, detail, safe_url, source_host, sparkline
from board.summary import Summary, summary
from board.words import Lang, Words, negotiate
from events.messages import HealthState

TEMPLATES = Path(__file__).with_name("templates")
router = APIRouter(include_in_schema=False)


def environment() -> Environment:
    """The templates. Everything is escaped; a name that does not exist is an error, never an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(company=company, safe_url=safe_url, host=source_host, sparkline=sparkline)
    made.globals.update(detail=detail)
    return made


TEMPLATE = environment()


@router.get("/", response_class=HTMLResponse)
async def board(request: Request, view: FromView, here: InRoom, day: AsOf, lang: InLang) -> HTMLResponse:
    """The board as of a day."""
    found = await summary(view, day)
    looking_back = "as_of" in request.query_params
    html = TEMPLATE.get_template("board.html").render(
        **_frame(here, lang),
        s=found,
        looking_back=looking_back,
        versions={chart: order_of(found, chart).version for chart in ChartName},
        months=_months(found),
        named=_named(found, Words(lang)),
        failing=sum(health.state is HealthState.FAILING for health in found.sources),
        other=Lang.ZH if lang is Lang.EN else Lang.EN,
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-cache", "Vary": "Accept-Language"})


class ChartQuery(BaseModel):
    """How a chart is asked for."""

    theme: Theme = Theme.LIGHT
    size: Size = Size.WIDE
    lang: Lang = Lang.EN


@router.get("/charts/{chart}.svg")
async def chart(
    request: Request,
    view: FromView,
    here: InRoom,
    day: AsOf,
    chart: ChartName,
    look: Annotated[ChartQuery, Query()],
) -> Response:
    """One chart as SVG with a transparent background. 304 where the browser has it already."""
    asked: Order = (await order(view, chart, day)).model_copy(update=look.model_dump())
    svg, name = await here.renderer.svg(asked)
    headers = {"ETag": f'"{name}"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(svg, media_type="image/svg+xml", headers=headers)


def error_page(request: Request, status: int, detail: str) -> str:
    """The page for a fault."""
    here: Room = request.app.state.room
    lang = negotiate(request.query_params.get("lang"), request.headers.get("accept-language", ""))
    return TEMPLATE.get_template("error.html").render(
        **_frame(here, lang), status=status, phrase=HTTPStatus(status).phrase, detail=detail
    )


def _frame(here: Room, lang: Lang) -> dict[str, object]:
    return {"t": Words(lang), "lang": lang, "title": here.title, "today": here.today}


def _months(found: Summary) -> list[tuple[str, int, int]]:
    """(Month, certificates added, total at its end), newest first: the chart as a table."""
    months: dict[str, tuple[int, int]] = {}
    for day in found.certificates:
        month = f"{day.day:%Y-%m}"
        months[month] = (months.get(month, (0, 0))[0] + day.added, day.total)
    return [(month, added, total) for month, (added, total) in sorted(months.items(), reverse=True)]


def _named(found: Summary, t: Words) -> dict[str, list[tuple[str, str]]]:
    """The other charts as tables of names and numbers."""
    return {
        "scenarios": [(t.pick(row.en, row.zh), f"{row.value:,}") for row in found.scenarios],
        "modalities": [(t.value("modality", row.key), f"{row.value:,}") for row in found.modalities],
        "pricing": [(t.pick(row.en, row.zh), t("of_31", n=row.value)) for row in found.pricing],
        "ipo": [(t.value("stage", row.stage), f"{sum(row.exchanges.values()):,}") for row in found.ipo],
    }
