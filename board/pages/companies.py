"""Companies: the list, and one page each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.index.ask import Asked, grouped, ids
from board.index.companies import By, companies, name_of, prices_of, products_of
from board.index.rows import series
from board.insight import of_company
from board.pages.frame import PAGE, OnVisit, PageNumber, Text, page
from board.pages.paging import Paging
from events.view.derived.spec import Value

router = APIRouter(include_in_schema=False)
FIGURES = (
    "revenue",
    "revenue_growth",
    "gross_margin",
    "rd_share",
    "net_margin",
    "net_profit",
    "cash",
    "top_five_share",
)
SHOWN = 12


@router.get("/companies", response_class=HTMLResponse)
async def company_list(
    on: OnVisit,
    _view: FromView,
    q: Text = "",
    sort: By = By.CERTIFICATES,
    holding: bool = False,
    page_: Annotated[PageNumber, Query(alias="page")] = 1,
) -> HTMLResponse:
    """The companies that events are about."""
    total, found = await companies(on.here.index, on.day, sort, q, PAGE, (page_ - 1) * PAGE, holding)
    return page(
        on,
        "companies.html",
        companies=found,
        q=q,
        sort=sort,
        holding=holding,
        paging=Paging(page_, total),
        sorts=list(By),
    )


@router.get("/companies/{company}", response_class=HTMLResponse)
async def company_page(on: OnVisit, view: FromView, company: str) -> HTMLResponse:
    """One company: its products and certificates, prices, filings, figures, clearances and everything in order of time."""
    index = on.here.index
    name = await name_of(index, company)
    if name is None:
        raise HTTPException(404, f"no event names a company {company!r}")

    async def some(*tags: str, counted: str = "", most: int = SHOWN) -> list[object]:
        asked = Asked(until=on.day, tags=(*tags,), counted=counted)
        return list(await view.events_of(await ids(index, asked, most)))

    products = await products_of(index, company, on.day)
    periods = await of_company(view.view, company, FIGURES, on.day)
    return page(
        on,
        "company.html",
        company=company,
        name=name,
        products=products,
        counts=dict(await grouped(index, Asked(until=on.day, tags=(f"entity={company}",)), "type")),
        certificates=await some(counted=series("class3_certificates", f"company={company}"), most=PAGE),
        prices=await view.events_of(await prices_of(index, company, on.day, PAGE)),
        filings=await some("type=filing", f"company={company}"),
        clearances=await some("type=overseas_clearance", f"company={company}"),
        listings=await some("type=ipo_progress", f"company={company}"),
        periods=_by_period(periods),
        figures=FIGURES,
        timeline=await some(f"entity={company}", most=30),
    )


def _by_period(found: dict[str, dict[str, Value]]) -> list[tuple[str, dict[str, Value]]]:
    """(Period, figure → value), the last period first."""
    periods = sorted({period for table in found.values() for period in table}, reverse=True)
    return [(period, {name: table.get(period) for name, table in found.items()}) for period in periods]
