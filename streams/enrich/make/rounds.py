"""Rounds of financing that a person wrote into a table (`medpulse import`)."""

from __future__ import annotations

from events.base import Money
from events.event import FinancingRound
from events.ids import fact_id
from events.labels import Kind, Sector
from events.notice import Notice
from events.rounds import early_stage, happens_once, round_name, sums
from events.said import whole
from streams.enrich.explain import explain
from streams.enrich.make.common import Unusable, common, field
from streams.enrich.register import resolve_company


def rounds(notice: Notice) -> list[FinancingRound]:
    """One round. Raises `Unusable` without company or round. An amount that is not stated, or not once, has neither end."""
    name = round_name(field(notice, "round"))
    if name is None:
        raise Unusable(f"{notice.source_id}: the notice {notice.item_key!r} names no round: {notice.fields['round']!r}")
    company = resolve_company(field(notice, "company"))
    labels = explain(whole(notice))
    if sector := notice.fields.get("sector"):
        labels = labels.model_copy(update={"sector": Sector(sector)})
    return [
        FinancingRound(
            event_id=fact_id("financing", company.id, name, *_when(notice, name)),
            **common(notice, labels, Kind.FINANCING, company),
            company=company,
            round=name,
            early_stage=early_stage(name),
            amount_low=_money(notice, low=True),
            amount_high=_money(notice, low=False),
        )
    ]


def _when(notice: Notice, name: str) -> tuple[str, ...]:
    """What tells apart two rounds of one name: their day, or as much of it as is stated."""
    if happens_once(name):
        return ()
    at = notice.published_at
    return (at.isoformat() if at else notice.fields.get("stated_date") or notice.item_key,)


def _money(notice: Notice, *, low: bool) -> Money | None:
    found = sums(notice.fields.get("amount", ""))
    if len(found) != 1:
        return None
    minor = found[0].low if low else found[0].high
    return None if minor is None else Money(minor=minor, currency=found[0].currency)
