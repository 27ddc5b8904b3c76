"""The charts as SVG."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from board.asked import AsOf, FromView, InRoom
from board.orders import ChartName, Order, Size, order
from board.palette import Theme
from board.words import Lang

router = APIRouter(include_in_schema=False)


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
    headers = {"ETag": f'"{name}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(svg, media_type="image/svg+xml", headers=headers)
