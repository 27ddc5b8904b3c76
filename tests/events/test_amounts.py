"""Sums of money as texts state them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.amounts import Amount, amounts

W, Y = 10_000 * 100, 100_000_000 * 100
"""万 and 亿 in fen."""
M = 1_000_000 * 100
"""A million in cents."""

STATED = [
    ("3000万人民币", 3000 * W, 3000 * W, "CNY", False),
    ("人民币3,000万元", 3000 * W, 3000 * W, "CNY", False),
    ("3千万元", 3000 * W, 3000 * W, "CNY", False),
    ("三千五百万元", 3500 * W, 3500 * W, "CNY", False),
    ("1.5亿元", 15 * Y // 10, 15 * Y // 10, "CNY", False),
    ("1亿2000万元", 12000 * W, 12000 * W, "CNY", False),
    ("3亿至4亿元", 3 * Y, 4 * Y, "CNY", False),
    ("3-4亿元", 3 * Y, 4 * Y, "CNY", False),
    ("1.5～2亿港元", 15 * Y // 10, 2 * Y, "HKD", False),
    ("300–400 million USD", 300 * M, 400 * M, "USD", False),
    ("US$300 million to US$400 million", 300 * M, 400 * M, "USD", False),
    ("US$300-400 million", 300 * M, 400 * M, "USD", False),
    ("USD 318.8M", 3188 * M // 10, 3188 * M // 10, "USD", False),
    ("HK$2.277B", 2277 * M, 2277 * M, "HKD", False),
    ("$60m", 60 * M, 60 * M, "USD", False),
    ("€1,234.56", 123456, 123456, "EUR", False),
    ("5亿日元", 500_000_000, 500_000_000, "JPY", False),
    ("¥300万", 300 * W, 300 * W, "CNY", False),
    ("３０００万元", 3000 * W, 3000 * W, "CNY", False),
    ("叁仟萬圆", 3000 * W, 3000 * W, "CNY", False),
    ("数千万元", 1000 * W, Y, "CNY", True),
    ("数亿美元", 100 * M, 1000 * M, "USD", True),
    ("千万美元", 10 * M, 100 * M, "USD", True),
    ("千万元级", 1000 * W, Y, "CNY", True),
    ("千万级美元", 10 * M, 100 * M, "USD", True),
    ("tens of millions USD", 10 * M, 100 * M, "USD", True),
    ("近1亿元", None, Y, "CNY", True),
    ("近亿元", None, Y, "CNY", True),
    ("nearly USD 10M", None, 10 * M, "USD", True),
    ("超3亿元", 3 * Y, None, "CNY", True),
    ("超过人民币3亿元", 3 * Y, None, "CNY", True),
    ("过亿元", Y, None, "CNY", True),
    ("3000多万元", 3000 * W, None, "CNY", True),
    ("3亿余元", 3 * Y, None, "CNY", True),
    ("1亿元以上", Y, None, "CNY", True),
    ("> CNY 1.0B", 1000 * M, None, "CNY", True),
    ("约2亿元", 2 * Y, 2 * Y, "CNY", True),
    ("2亿元左右", 2 * Y, 2 * Y, "CNY", True),
    ("RMB100-200 million", 100 * M, 200 * M, "CNY", False),
    ("USD5M", 5 * M, 5 * M, "USD", False),
    ("-1,234万元", -1234 * W, -1234 * W, "CNY", False),
    ("2021-3亿元", 3 * Y, 3 * Y, "CNY", False),
]


@pytest.mark.parametrize(("text", "low", "high", "currency", "about"), STATED)
def test_an_amount_is_read_as_it_is_stated(
    text: str, low: int | None, high: int | None, currency: str, about: bool
) -> None:
    [found] = amounts(text)
    assert (found.low, found.high, found.currency, found.approximate) == (low, high, currency, about)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "未披露",
        "3000万",
        "同比增长30.5%",
        "2021年3月",
        "A轮",
        "100M",
        "0.001元",
        "USD 5Mx",
        "USD 1.5Mx",
        "(not in excerpt)",
    ],
)
def test_what_names_no_currency_or_no_whole_fen_is_no_amount(text: str) -> None:
    assert amounts(text) == []


def test_several_amounts_keep_their_places_in_a_sentence() -> None:
    text = "营业收入1.2亿元，同比增长30%；净亏损为3,456.78万元，上年同期为US$2 million。"
    found = amounts(text)
    assert [text[a.start : a.end] for a in found] == ["1.2亿元", "3,456.78万元", "US$2 million"]
    assert [a.low for a in found] == [12 * Y // 10, 3_456_780_000, 2 * M]


@given(st.integers(1, 10**12), st.sampled_from(["元", "美元", "港元"]))
def test_a_plain_integer_comes_back_exactly(whole: int, name: str) -> None:
    assert [(a.low, a.high) for a in amounts(f"{whole:,}{name}")] == [(whole * 100, whole * 100)]


@given(
    st.text(alphabet="0123456789.,一二十百千万亿数近超约至-~ 元美港USD$kmb级多余左右%¥三", max_size=30)
    | st.text(max_size=60)
)
def test_no_text_makes_it_raise_and_spans_lie_in_order_inside_it(text: str) -> None:
    end = 0
    for found in amounts(text):
        assert isinstance(found, Amount)
        assert end <= found.start < found.end <= len(text)
        assert found.low is not None or found.high is not None
        assert found.low is None or found.high is None or found.low <= found.high
        end = found.end


def test_the_rounds_that_were_seen_are_read(shared: Path) -> None:
    file = shared / "data" / "ai_drug_financing_seen.csv"
    if not file.exists():
        pytest.skip("the shared data is not here")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    stated = [row["amount"] for row in rows if row["amount"]]
    unread = [text for text in stated if not amounts(text)]
    assert unread == ["(not in excerpt)"]
