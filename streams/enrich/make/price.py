"""Price items and reimbursement listings of the healthcare-security authorities."""

from __future__ import annotations

import re

from events.base import EntityRef, Money
from events.event import PriceItem, ReimbursementListing
from events.ids import fact_id
from events.labels import Kind, Labels
from events.notice import Notice
from events.said import whole
from streams.enrich.make.common import Unusable, common, province
from streams.enrich.make.price_rows import guide, in_force
from streams.enrich.normalise import simplified
from streams.enrich.register import register

_ITEM = (
    re.compile(
        r"(?:新增|公布|制定|规范|调整|完善|核定|明确|设立|增设"
        r"|试行)[“\"《]?(?P<item>[^《》]{2,60}?)[”\"》]?(?:等?\d*项?)?(?:的)?(?:试行)?医疗服务(?:试行)?价格"
    ),
    re.compile(r"《?(?P<item>[^《》]{2,40}?)医疗服务价格项目立项指南"),
    re.compile(
        r"(?:新增|公布|制定|规范|调整)[“\"]?(?P<item>[^“”\"《》]{2,60}?)[”\"]?(?:的)?(?:价格项目"
        r"|收费标准|项目价格|试行价格)"
    ),
)
_LEAD = re.compile(r"^(?:.*关于(?:印发|公布|发布|新增|制定|规范|调整)?|部分|有关|等|《)+")
_PRICE = re.compile(r"(?P<yuan>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<fen>\d{1,2}))?\s*元(?:/|每)?(?:人)?(?:次|例|部位|人次)?")
_CODE = re.compile(r"(?:项目编码|编码|项目代码)[:为]?\s*([A-Z0-9]{6,20})")
_COUNT = re.compile(r"(?:新增|将|增加)\s*(\d{1,4})\s*(?:项|个)|(\d{1,4})\s*(?:项|个)[^。,;]{0,20}?纳入")
_LISTED = re.compile(r"纳入|增补|新增|印发[^\n]*目录")
_POLICY = re.compile(r"改革|试点方案|管理办法|意见$|征求意见")


def prices(notice: Notice, labels: Labels) -> list[PriceItem]:
    """One item for each product named, else one for the item that the title names; nothing for a policy paper.

    Raises `Unusable` where the authority cannot be told.
    """
    products = _products(notice, labels)
    item = _item(notice.title)
    if not products and (item is None or _POLICY.search(notice.title)):
        return []
    where = province(notice)
    if where is None:
        raise Unusable(f"the price notice {notice.item_key!r} does not tell whose it is")
    return [_priced(notice, labels, where, item, product) for product in products or (None,)]


def _priced(notice: Notice, labels: Labels, where: str, item: str | None, product: EntityRef | None) -> PriceItem:
    body = simplified(notice.body)
    code = _CODE.search(body)
    named = () if product is None else (product,)
    name = item or "".join(p.name for p in named)
    return PriceItem(
        event_id=fact_id("price", where, named[0].id if named else name),
        **common(notice, labels, Kind.PRICE, *named, *labels.entities),
        province=where,
        item_name=name,
        item_code=code.group(1) if code else None,
        product=product,
        price=_price(body),
        effective_on=in_force(notice),
        **guide(notice),
    )


def _products(notice: Notice, labels: Labels) -> list[EntityRef]:
    """The registered products that the notice names, by brand, or by a generic name beside their maker's."""
    found = register().products_in(whole(notice), {entity.id for entity in labels.entities})
    return [register().product_ref(product) for product in found]


def _item(title: str) -> str | None:
    tidy = simplified(title)
    for pattern in _ITEM:
        if (match := pattern.search(tidy)) and (item := _LEAD.sub("", match["item"]).strip('“”"《》 的')):
            return item
    return None


def _price(body: str) -> Money | None:
    """The one price that the text states; None where it states none or several."""
    found = {(int(m["yuan"].replace(",", "")), int((m["fen"] or "0").ljust(2, "0"))) for m in _PRICE.finditer(body)}
    if len(found) != 1:
        return None
    yuan, fen = found.pop()
    return Money(minor=yuan * 100 + fen, currency="CNY")


def listings(notice: Notice, labels: Labels) -> list[ReimbursementListing]:
    """The listing that the notice makes; nothing for one on how to apply. `Unusable` where the authority cannot be told."""
    if not _LISTED.search(simplified(notice.title)):
        return []
    where = province(notice)
    if where is None:
        raise Unusable(f"the reimbursement notice {notice.item_key!r} does not tell whose it is")
    text = simplified(whole(notice))
    count = _COUNT.search(text)
    items = int(count.group(1) or count.group(2)) if count else 0
    return [
        ReimbursementListing(
            event_id=fact_id("reimbursement", where, simplified(notice.title)),
            **common(notice, labels, Kind.REIMBURSEMENT),
            province=where,
            items=items or None,
            effective_on=in_force(notice),
            products=tuple(_products(notice, labels)),
        )
    ]
