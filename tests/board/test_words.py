"""How amounts are shown: exactly, with the decimals of their currency, in the units of the language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from board.evidence import told
from board.show import money
from board.words import Lang, Words
from events.base import Money, minor_digits

EN, ZH = Words(Lang.EN), Words(Lang.ZH)


@pytest.mark.parametrize(
    ("minor", "currency", "en", "zh"),
    [
        (12_000, "CNY", "¥120", "¥120"),
        (12_345, "CNY", "¥123.45", "¥123.45"),
        (99_999_999, "CNY", "¥999,999.99", "¥999,999.99"),
        (100_000_000, "CNY", "¥1.00 m", "¥100.00万"),
        (30_000_000_000, "CNY", "¥300.00 m", "¥3.00亿"),
        (-250_000_000_000, "USD", "−$2.50 bn", "−$25.00亿"),
        (4800, "JPY", "JPY 4,800", "JPY 4,800"),
        (500_000_000, "JPY", "JPY 500.00 m", "JPY 5.00亿"),
        (1_234_500, "KWD", "KWD 1,234.500", "KWD 1,234.500"),
        (0, "HKD", "HK$0", "HK$0"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(minor: int, currency: str, en: str, zh: str) -> None:
    amount = Money(minor=minor, currency=currency)
    assert (money(amount, EN), money(amount, ZH)) == (en, zh)


def test_an_amount_that_is_not_known_is_a_dash() -> None:
    assert (money(None, EN), EN.amount(None, "CNY")) == ("–", "–")


@pytest.mark.parametrize(
    ("currency", "digits", "en", "zh"),
    [("CNY", 2, "48.00 m", "4,800.00 万"), ("JPY", 0, "4,800.00 m", "480,000.00 万")],
)
def test_a_figure_is_in_millions_of_the_currency_beside_it(currency: str, digits: int, en: str, zh: str) -> None:
    assert minor_digits(currency) == digits
    assert (EN.amount(4_800_000_000, currency), ZH.amount(4_800_000_000, currency)) == (en, zh)


def test_a_revision_tells_amounts_exactly() -> None:
    assert told({"minor": 4_800, "currency": "JPY"}) == "4,800 JPY"
    assert told({"minor": -4_805, "currency": "CNY"}) == "-48.05 CNY"
    assert Money(minor=10**19 + 1, currency="CNY").amount == Decimal("100000000000000000.01")


def test_what_a_text_is_the_evidence_of_is_told_in_words() -> None:
    assert (EN.label("is_ai"), ZH.label("is_ai")) == ("AI", "人工智能")
    assert (EN.label("scenario=lung_nodule"), ZH.label("modality=MR")) == ("Scenario: Lung nodule", "设备类型: 磁共振")
    assert EN.label("entity=airdoc") == "Named: airdoc"
    assert EN.label("something_new") == "something new"
