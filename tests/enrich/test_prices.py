"""Price items from tables, guides and reimbursement listings of the healthcare-security authorities."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.base import Money
from events.event import PriceItem, ReimbursementListing
from events.notice import Notice
from streams.enrich.events import Unusable, events_of
from streams.enrich.make.price_rows import amounts
from tests.enrich.make import notice

TITLE = "关于新增眼底图像人工智能辅助分析等医疗服务价格项目的通知"
ROW = {"item_code": "012103000010000", "item_name": "眼底图像人工智能辅助分析", "unit": "次", "price": "180.50"}


def _fen(minor: int) -> Money:
    return Money(minor=minor, currency="CNY")


def _local(**more: object) -> Notice:
    given = {"fields": {"province": "湖南"}, "rows": (ROW,), "body": "自2022年9月1日起执行。"} | more
    return notice("ybj-hunan", str(given.pop("title", TITLE)), **given)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", (_fen(12000), None, "")),
        ("120.5元/次", (_fen(12050), None, "次")),
        ("1,200.00", (_fen(120000), None, "")),
        ("￥１２０．０５", (_fen(12005), None, "")),
        ("80-120元", (_fen(8000), _fen(12000), "")),
        ("80元～120元/部位", (_fen(8000), _fen(12000), "部位")),
        ("80 至 120 元每次", (_fen(8000), _fen(12000), "次")),
        ("不超过300元", (_fen(30000), None, "")),
        ("33.3000", (_fen(3330), None, "")),
        ("33.335", (None, None, "")),
        ("120-80", (None, None, "")),
        ("1.2万元", (None, None, "")),
        ("自主定价", (None, None, "")),
        ("-", (None, None, "")),
        ("", (None, None, "")),
    ],
)
def test_a_cell_is_an_amount_or_nothing(text: str, expected: tuple[Money | None, Money | None, str]) -> None:
    assert amounts(text) == expected


@given(st.integers(0, 10**9))
def test_every_fen_is_kept(fen: int) -> None:
    assert amounts(f"{fen // 100}.{fen % 100:02d}元/次") == (_fen(fen), None, "次")


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    low, high, _ = amounts(text)
    assert high is None or (low is not None and low.minor <= high.minor)


def test_each_row_is_an_item() -> None:
    rows = (ROW, {"item_name": "（加收）儿童", "price": "20-30元/次"}, {"price": "1"})
    first, second = events_of(_local(rows=rows))
    assert isinstance(first, PriceItem)
    assert isinstance(second, PriceItem)
    assert (first.province, first.item_code, first.unit, first.price) == ("hunan", "012103000010000", "次", _fen(18050))
    assert first.effective_on == date(2022, 9, 1)
    assert (first.labels.is_ai, second.labels.is_ai) == (True, False)
    assert (second.price, second.price_max, second.unit) == (_fen(2000), _fen(3000), "次")
    assert first.event_id != second.event_id


def test_hospital_grades_have_prices_of_their_own() -> None:
    row = {"item_name": "肺结节辅助检测", "price_level3": "90", "price_level2": "81.5", "price_level1": "—"}
    (item,) = events_of(_local(rows=(row,)))
    assert isinstance(item, PriceItem)
    assert (item.price, item.price_level3, item.price_level2, item.price_level1) == (None, _fen(9000), _fen(8150), None)


@pytest.mark.parametrize("title", [f"{TITLE[:-3]}（征求意见稿）公开征求意见", "关于废止部分医疗服务价格项目的通知"])
def test_what_is_not_in_force_sets_no_price_by_its_rows(title: str) -> None:
    assert not [e for e in events_of(_local(title=title)) if isinstance(e, PriceItem) and e.price]


@pytest.mark.parametrize(
    ("title", "fields", "where"),
    [
        (TITLE, {"province": "湖南"}, "hunan"),
        (f"浙江省医疗保障局{TITLE}", {"province": "湖南"}, "zhejiang"),
        (f"国家医疗保障局{TITLE}", {"province": "湖南"}, "CN"),
    ],
)
def test_whose_price_it_is(title: str, fields: dict[str, str], where: str) -> None:
    body = "参照广东省医疗保障局的做法，按国家医疗保障局要求。自2022年9月1日起执行。"
    assert [getattr(e, "province", "") for e in events_of(_local(title=title, fields=fields, body=body))] == [where]


def test_a_table_whose_authority_is_unknown_is_not_lost() -> None:
    with pytest.raises(Unusable, match="whose"):
        events_of(notice("wechat", TITLE, rows=(ROW,)))


def test_a_guide_says_how_many_items_it_has() -> None:
    fields = {"column": "201", "specialty": "放射检查类", "batch": "二", "main_items": "26", "addon_items": "4"}
    fields |= {"extension_items": "12", "mapped_items": "30", "effective_on": "2025-04-01"}
    (item,) = events_of(notice("nhsa-price-guides", "《放射检查类医疗服务价格项目立项指南（试行）》", fields=fields))
    assert isinstance(item, PriceItem)
    assert (item.province, item.specialty, item.batch) == ("CN", "放射检查类", "二")
    assert (item.main_items, item.addon_items, item.extension_items, item.mapped_items) == (26, 4, 12, 30)
    assert item.effective_on == date(2025, 4, 1)


def test_a_listing_of_a_province() -> None:
    title = "关于将部分医疗服务项目纳入基本医疗保险支付范围的通知"
    (listing,) = events_of(_local(title=title, rows=(), body="将8项医疗服务项目纳入支付范围。自2023年1月1日起施行。"))
    assert isinstance(listing, ReimbursementListing)
    assert (listing.province, listing.items, listing.effective_on) == ("hunan", 8, date(2023, 1, 1))
