"""Certificates delivered by NMPA: one event for each row of the notice."""

from __future__ import annotations

from events.base import EntityRef
from events.event import DeviceApproval
from events.ids import fact_id
from events.labels import Kind
from events.notice import Notice
from events.said import device_row
from streams.enrich.certificates import DeviceClass, certificate
from streams.enrich.explain import explain
from streams.enrich.make.common import Unusable, at_day, common
from streams.enrich.register import products_of, resolve_company

_CLASS: dict[str, DeviceClass] = {
    "1": 1, "2": 2, "3": 3, "一": 1, "二": 2, "三": 3, "i": 1, "ii": 2, "iii": 3, "ⅰ": 1, "ⅱ": 2, "ⅲ": 3,
}  # fmt: skip


def approvals(notice: Notice) -> list[DeviceApproval]:
    """One approval a row. Raises `Unusable`, with the events of the other rows, where a row has no certificate number."""
    made: list[DeviceApproval] = []
    lacking: list[str] = []
    for number, row in enumerate(notice.rows, start=1):
        if row.get("certificate_number", "").strip():
            made.append(_approval(notice, row))
        else:
            lacking.append(row.get("acceptance_number") or row.get("product_name") or f"row {number}")
    if lacking:
        raise Unusable(
            f"{len(lacking)} of {len(notice.rows)} rows have no certificate number: {lacking[0]}", tuple(made)
        )
    return made


def _approval(notice: Notice, row: dict[str, str]) -> DeviceApproval:
    """The title of the event is the product's name; evidence counts from it, the row's other words following as the body."""
    number = row["certificate_number"].strip()
    name = row.get("product_name", "").strip() or number
    text = device_row(name, row)
    parts = certificate(number)
    registrant = resolve_company(row["registrant"]) if row.get("registrant", "").strip() else None
    base = common(notice, explain(text), Kind.APPROVAL, *filter(None, [registrant]))
    if notice.published_at is None:
        base |= at_day(notice.fields.get("delivery_date", ""))
    return DeviceApproval(
        event_id=fact_id("approval", parts.number if parts else number),
        **(base | {"title": name}),
        certificate_number=parts.number if parts else number,
        product_name=name,
        registrant=registrant,
        device_class=parts.device_class if parts else _class(row.get("device_class", "")),
        certificate_year=parts.year if parts else None,
        catalogue_code=parts.catalogue if parts else None,
        origin=parts.origin if parts else None,
        acceptance_number=row.get("acceptance_number") or None,
        product=_product(text, registrant),
    )


def _product(text: str, registrant: EntityRef | None) -> EntityRef | None:
    """The one product of the registrant's that the text names; None where it names none or several."""
    if registrant is None:
        return None
    found = products_of(text, registrant.id)
    return found[0] if len(found) == 1 else None


def _class(stated: str) -> DeviceClass | None:
    return _CLASS.get(stated.strip().removeprefix("第").removesuffix("类").strip().lower())
