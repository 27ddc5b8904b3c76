"""The pricing map: which province has priced what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.index.ask import Asked, count, grouped, ids
from board.index.companies import name_of, names_of
from board.index.follow import Index
from board.pages.frame import PAGE, Choice, OnVisit, PageNumber, page
from board.pages.paging import Paging
from events.event import PriceItem

router = APIRouter(include_in_schema=False)
TILES: dict[str, tuple[int, int]] = {
    "heilongjiang": (9, 1),
    "inner_mongolia": (6, 2),
    "liaoning": (8, 2),
    "jilin": (9, 2),
    "xinjiang": (1, 3),
    "gansu": (3, 3),
    "ningxia": (4, 3),
    "shanxi": (5, 3),
    "hebei": (6, 3),
    "beijing": (7, 3),
    "tianjin": (8, 3),
    "qinghai": (3, 4),
    "shaanxi": (4, 4),
    "henan": (5, 4),
    "shandong": (6, 4),
    "jiangsu": (7, 4),
    "tibet": (2, 5),
    "sichuan": (3, 5),
    "chongqing": (4, 5),
    "hubei": (5, 5),
    "anhui": (6, 5),
    "zhejiang": (7, 5),
    "shanghai": (8, 5),
    "yunnan": (3, 6),
    "guizhou": (4, 6),
    "hunan": (5, 6),
    "jiangxi": (6, 6),
    "fujian": (7, 6),
    "guangxi": (4, 7),
    "guangdong": (5, 7),
    "hainan": (5, 8),
}
"""Province → (column, row) of its tile, about where it lies."""

CODES = {
    "beijing": "BJ", "tianjin": "TJ", "hebei": "HE", "shanxi": "SX", "inner_mongolia": "NM", "liaoning": "LN", "jilin": "JL",
    "heilongjiang": "HL", "shanghai": "SH", "jiangsu": "JS", "zhejiang": "ZJ", "anhui": "AH", "fujian": "FJ", "jiangxi": "JX",
    "shandong": "SD", "henan": "HA", "hubei": "HB", "hunan": "HN", "guangdong": "GD", "guangxi": "GX", "hainan": "HI",
    "chongqing": "CQ", "sichuan": "SC", "guizhou": "GZ", "yunnan": "YN", "tibet": "XZ", "shaanxi": "SN", "gansu": "GS",
    "qinghai": "QH", "ningxia": "NX", "xinjiang": "XJ",
}  # fmt: skip
"""Province → its letters in ISO 3166-2:CN, for tiles with no room for its name."""


@router.get("/pricing", response_class=HTMLResponse)
async def pricing(
    on: OnVisit,
    view: FromView,
    product: Choice = "",
    province: Choice = "",
    page_: Annotated[PageNumber, Query(alias="page")] = 1,
) -> HTMLResponse:
    """The map of a product or of all, and the items of a province or of all."""
    index = on.here.index
    of_product = (f"product={product}",) if product else ()
    priced = dict(await grouped(index, Asked(until=on.day, tags=("type=price_item", *of_product)), "province"))
    listed = dict(await grouped(index, Asked(until=on.day, tags=("type=reimbursement_listing",)), "province"))
    asked = Asked(until=on.day, tags=("type=price_item", *of_product, *((f"province={province}",) if province else ())))
    total = await count(index, asked)
    items = await view.events_of(await ids(index, asked, PAGE, (page_ - 1) * PAGE))
    most = max((n for where, n in priced.items() if where in TILES), default=1)
    return page(
        on,
        "pricing.html",
        tiles={where: (*at, priced.get(where, 0), _step(priced.get(where, 0), most)) for where, at in TILES.items()},
        codes=CODES,
        national=priced.get("CN", 0),
        listed=listed,
        products=await _products(index, on),
        product=product,
        product_name=await name_of(index, product) if product else None,
        province=province,
        items=[item for item in items if isinstance(item, PriceItem)],
        paging=Paging(page_, total),
        provinces=sum(1 for where in TILES if priced.get(where)),
    )


def _step(n: int, most: int) -> int:
    """The depth of a tile's colour: 0 for none, then 1 to 4."""
    return 0 if n == 0 else min(4, 1 + 4 * (n - 1) // max(most, 1))


async def _products(index: Index, on: OnVisit) -> list[tuple[str, str, int]]:
    """(Product, name, price items), the most widely priced first."""
    found = await grouped(index, Asked(until=on.day, tags=("type=price_item",)), "product", most=200)
    names = await names_of(index, [i for i, _ in found if i])
    return [(i, names.get(i, i), n) for i, n in found if i]
