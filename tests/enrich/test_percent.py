"""Percentages with their base: phrases of the field, and properties over any number and any text."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.enrich.explain import MOST_PERCENTAGES, as_json, explain
from streams.enrich.normalise import normal
from streams.enrich.percent import numerals
from streams.enrich.percent_of import percentages

UP, DOWN = "up", "down"
YOY, POP, STATED = "year_on_year", "period_on_period", "stated_base"
PHRASES: list[tuple[str, list[tuple[str, ...]]]] = [
    ("营业收入4.12亿元，同比增长18.7%", [("18.7", "change", UP, YOY, "同比")]),
    ("净利润同比下降3.1%", [("3.1", "change", DOWN, YOY, "同比")]),
    ("收入和净利润分别同比增长12%和15%", [("12", "change", UP, YOY, "同比"), ("15", "change", UP, YOY, "同比")]),
    ("集采平均降幅53%", [("53", "change", DOWN, "", "")]),
    ("价格较集采前平均下降53%", [("53", "change", DOWN, STATED, "集采前")]),
    ("收費較原價下調25%", [("25", "change", DOWN, STATED, "原價")]),
    ("2024年营收较2023年增长20%", [("20", "change", UP, STATED, "2023年")]),
    ("环比下降百分之三点五", [("3.5", "change", DOWN, POP, "环比")]),
    ("增长率同比提高1.2个百分点", [("1.2", "change", UP, YOY, "同比")]),
    ("同比-3.2%", [("-3.2", "change", DOWN, YOY, "同比")]),
    ("降价10%-15%", [("10..15", "change", DOWN, "", "")]),
    ("净亏损收窄30%", [("30", "change", DOWN, "", "")]),
    ("a 12% increase from 2024", [("12", "change", UP, STATED, "2024")]),
    ("revenue rose 12.5% year on year", [("12.5", "change", UP, YOY, "year on year")]),
    ("prices were cut by an average of 53%", [("53", "change", DOWN, "", "")]),
    ("占营业收入的35%", [("35", "share", "", "", "营业收入")]),
    ("前五名客户销售额占年度销售总额的比例为35.2%", [("35.2", "share", "", "", "年度销售总额")]),
    ("前五名客户占比21.3%", [("21.3", "share", "", "", "")]),
    ("accounted for 35% of total revenue", [("35", "share", "", "", "revenue")]),
    ("按项目价格的10%支付", [("10", "share", "", "", "按项目价格")]),
    ("毛利率46%", [("46", "level", "", "", "毛利率")]),
    ("毛利率由46%降至35%", [("46", "level", "", "", ""), ("35", "level", "", "", "")]),
    ("increased from 10% to 12%", [("10", "level", "", "", ""), ("12", "level", "", "", "")]),
    ("灵敏度95.2%，特异度不低于90%", [("95.2", "level", "", "", "灵敏度"), ("90..", "level", "", "", "特异度")]),
    ("医保支付比例提高至70%", [("70", "level", "", "", "医保支付比例")]),
    ("超50%的患者", [("50..", "level", "", "", "")]),
    ("近30%", [("..30", "level", "", "", "")]),
    ("版本3.5.2%，百分之十百，近三成", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "said"), PHRASES)
def test_a_phrase(text: str, said: list[tuple[str, ...]]) -> None:
    found = explain(text).percentages
    ends = [one.low if one.low == one.high else f"{one.low or ''}..{one.high or ''}" for one in found]
    assert [
        (end, one.relation, one.direction or "", one.comparison or "", one.base or "")
        for end, one in zip(ends, found, strict=True)
    ] == said


def test_the_span_is_evidence_in_the_text_as_given() -> None:
    text = "某公司公告\n２０２４年 營業收入同比增長１８．７％，毛利率46%。"
    labels = explain(text)
    assert [text[one.start : one.end] for one in labels.percentages] == ["１８．７％", "46%"]
    shown = as_json(labels)
    assert [e["label"] for e in shown["evidence"] if e["rule"].startswith("percent.")] == [
        "percentage=change 18.7 up year_on_year",
        "percentage=level 46",
    ]
    assert json.loads(json.dumps(shown))["percentages"][0]["low"] == "18.7"


NUMBERS = st.decimals(min_value=0, max_value=9999, places=4, allow_nan=False, allow_infinity=False)
MOVES = st.sampled_from([("增长", UP), ("下降", DOWN), ("上升", UP), ("减少", DOWN), ("提高", UP), ("降低", DOWN)])
AGAINST = st.sampled_from([("同比", YOY), ("环比", POP), ("较上年同期", YOY), ("", None)])


@settings(max_examples=150, deadline=None)
@given(NUMBERS, MOVES, AGAINST, st.sampled_from(["%", " %", "％", "个百分点"]))
def test_any_change_is_read_back(
    number: Decimal, moved: tuple[str, str], against: tuple[str, str | None], unit: str
) -> None:
    text = f"报告期内{against[0]}{moved[0]}{number:f}{unit}。"
    (one,) = explain(text).percentages
    assert one.low == one.high == f"{number:f}"
    assert (one.relation, one.direction, one.comparison) == ("change", moved[1], against[1])
    assert one.points == ("百分点" in unit)
    assert text[one.start : one.end].startswith(f"{number:f}")


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet="零一二三五十百点之分%％.,0123456789 -~至到由从同比增长下降占的率升to from per cent。\n", max_size=60
    )
)
def test_any_text_is_read_without_error_and_every_number_stands_in_it(text: str) -> None:
    plain = normal(text).text
    for one in percentages(plain):
        said = plain[one.start : one.end]
        assert "%" in said or "百分" in said or "per" in said
        for end in (one.low, one.high):
            if end is not None and "百分之" not in said:
                assert f"{abs(end):f}" in said.replace(",", "")
    ends = [place for one in numerals(plain) for place in (one.start, one.end)]
    assert ends == sorted(ends)
    explain(text)


def test_of_a_text_with_very_many_the_first_are_kept() -> None:
    found = explain("\n".join(f"第{n}项占比{n}%" for n in range(500))).percentages
    assert [one.low for one in found] == [str(n) for n in range(MOST_PERCENTAGES)]


@given(st.text(alphabet="增长下降同比占0123456789.,-元万次年月", max_size=40))
def test_without_a_sign_of_per_cent_there_is_none(text: str) -> None:
    assert explain(text).percentages == ()
