"""Clearances by registers outside China. FDA's list holds AI-enabled devices only: to be on it is to be asserted."""

from __future__ import annotations

from typing import Literal

from events import said
from events.event import OverseasClearance
from events.ids import fact_id
from events.labels import Evidence, Kind, Labels
from events.notice import Notice
from streams.enrich.explain import explain
from streams.enrich.make.common import Unusable, common, field
from streams.enrich.register import resolve_company

_REGISTERS: dict[str, Literal["FDA", "CE", "PMDA"]] = {"FDA": "FDA", "CE": "CE", "PMDA": "PMDA"}


def clearances(notice: Notice) -> list[OverseasClearance]:
    """One clearance. Raises `Unusable` without number, product or company, and for a register that is not known."""
    name = notice.fields.get("register", "FDA").strip().upper()
    if name not in _REGISTERS:
        raise Unusable(f"no register is called {name!r}")
    number = field(notice, "submission_number", "number")
    product = field(notice, "product_name")
    company = resolve_company(field(notice, "company"))
    panel = notice.fields.get("panel") or None
    labels = explain(said.clearance(product, panel))
    if "ai-list" in notice.source_id:
        labels = _listed(labels, len(product))
    return [
        OverseasClearance(
            event_id=fact_id("clearance", name, number),
            **(common(notice, labels, Kind.CLEARANCE, company) | {"title": product}),
            register_name=_REGISTERS[name],
            number=number,
            product_name=product,
            company=company,
            panel=panel,
            product_code=notice.fields.get("product_code") or None,
        )
    ]


def _listed(labels: Labels, end: int) -> Labels:
    proof = Evidence(label="is_ai", rule="register", start=0, end=end)
    return labels.model_copy(
        update={"is_ai": True, "denied": False, "ai_relevant": True, "evidence": (*labels.evidence, proof)}
    )
