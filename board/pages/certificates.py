"""The table of certificates."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.filters import CertificateFilter
from board.index.ask import count, ids
from board.index.companies import name_of
from board.pages.frame import PAGE, OnVisit, PageNumber, page
from board.pages.paging import Paging
from events.labels import Modality, Sector
from events.scenarios import SCENARIOS

router = APIRouter(include_in_schema=False)
HEAD = (("time", "approved"), ("number", "certificate.number"), ("product", "product"), ("company", "registrant"))


@router.get("/certificates", response_class=HTMLResponse)
async def certificates(
    on: OnVisit,
    view: FromView,
    asked: Annotated[CertificateFilter, Query()],
    page_: Annotated[PageNumber, Query(alias="page")] = 1,
) -> HTMLResponse:
    """Certificates under the conditions of the address, which is the one to share."""
    index, question = on.here.index, asked.asked(on.day)
    total = await count(index, question)
    found = await view.events_of(await ids(index, question, PAGE, (page_ - 1) * PAGE))
    return page(
        on,
        "certificates.html",
        events=found,
        asked=asked,
        paging=Paging(page_, total),
        head=HEAD,
        company_name=await name_of(index, asked.company) if asked.company else None,
        scenarios=SCENARIOS,
        modalities=list(Modality),
        sectors=list(Sector),
        known=SCENARIOS,
    )
