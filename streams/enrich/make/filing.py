"""Documents that a listed company published."""

from __future__ import annotations

from events.event import Filing
from events.ids import fact_id
from events.labels import Kind
from events.notice import Notice
from events.said import whole
from streams.enrich.explain import explain
from streams.enrich.make.common import common, field
from streams.enrich.register import register, resolve_company


def filings(notice: Notice) -> list[Filing]:
    """One filing. Raises `Unusable` without announcement id, stock code or name."""
    code = _first(field(notice, "stock_code"))
    known = register().by_stock(code)
    company = known.ref if known else resolve_company(_first(field(notice, "stock_name", "company")))
    return [
        Filing(
            event_id=fact_id("filing", field(notice, "announcement_id")),
            **common(notice, explain(whole(notice)), Kind.FILING, company),
            company=company,
            stock_code=code,
            document_url=notice.fields.get("pdf_url") or notice.url,
            category=notice.fields.get("category") or None,
        )
    ]


def _first(stated: str) -> str:
    """The first of several stocks of one company (``09888、89888``): the others are its counters in other currencies."""
    return stated.partition("、")[0]
