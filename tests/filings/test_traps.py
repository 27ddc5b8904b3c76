"""Texts that invite a wrong reading: each fact is right or explicitly not found."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.notice import AttachmentPage
from streams.enrich.filings.document import Result, read
from streams.enrich.filings.reading import FIGURES
from tests.filings.truth import half, year

ANNUAL = "某某医疗：2021年年度报告"
HEAD = "合并利润表\n单位：元 币种：人民币\n项目 附注 2021年度 2020年度\n"


def told(*pages: str, title: str = ANNUAL) -> Result:
    return read(title, [[AttachmentPage(number=n, text=text) for n, text in enumerate(pages, 1)]])


def value(result: Result, figure: str, period: tuple[date, date] | None = None) -> int | None:
    wanted = period or result.own
    found = next((one for one in result.periods if one.period == wanted), None)
    return found.standing[figure].value if found and figure in found.standing else None


def test_the_number_of_a_note_is_no_amount() -> None:
    for note in ("", "七、61 ", "五（二十七） ", "4 ", "7(a) ", "六.12 "):
        result = told(f"{HEAD}其中：营业收入 {note}1,234.56 1,000.00")
        assert (value(result, "revenue"), value(result, "revenue", year(2020))) == (123456, 100000), note


@pytest.mark.parametrize(
    "label",
    [
        "归属于上市公司股东的净利润",
        "归属于上市公司股东的扣除非经常性损益的净利润",
        "归属于母公司所有者的扣除非经常性损益的\n净利润",
        "1.持续经营净利润（净亏损以“－”号填列）",
        "其中：被合并方在合并前实现的净利润",
        "经调整净利润",
        "净利润率",
        "归属于少数股东的\n净利润",
    ],
)
def test_profit_of_part_of_the_owners_or_of_another_measure_is_not_net_profit(label: str) -> None:
    assert value(told(f"{HEAD}{label} 1,234.56 1,000.00"), "net_profit") is None


@pytest.mark.parametrize(
    "label",
    ["营业外收入", "其他收入", "利息收入", "主营业务收入", "营业收入合计", "递延收益", "投资收益", "Other revenue",
     "Deferred revenue", "Cost of revenue", "研发投入", "资本化的研发开支", "货币资金", "加：期初现金及现金等价物余额",
     "现金及现金等价物净增加额", "Restricted cash", "Cash and cash equivalents at beginning of year"],
)  # fmt: skip
def test_neighbouring_labels_are_other_figures(label: str) -> None:
    assert told(f"{HEAD}{label} 1,234.56 1,000.00").periods == []


def test_without_a_unit_nothing_is_found_and_the_reason_is_told() -> None:
    result = told("合并利润表\n项目 2021年度 2020年度\n营业收入 1,234.56 1,000.00")
    assert value(result, "revenue") is None
    assert result.not_found["revenue"] == "page 1: no unit is stated"


def test_a_unit_above_another_table_does_not_hold_for_this_one() -> None:
    text = "资产情况\n单位：万元\n项目 2021年度 2020年度\n存货 1.00 2.00\n经营情况说明如下。\n项目 2021年度 2020年度\n营业收入 1,234.56 1,000.00"  # noqa: E501
    assert value(told(text), "revenue") is None


def test_yuan_alone_is_no_currency_in_a_hong_kong_report() -> None:
    text = "綜合損益表\n截至12月31日止年度\n2021年 2020年\n千元 千元\n收益 1,234 1,000\n研發開支 (1) (2)\n年內虧損 (3) (4)\n毛利 5 6"  # noqa: E501
    result = told(text, title="截至2021年12月31日止年度之年度業績公告")
    assert result.periods == []
    assert result.not_found["revenue"] == "page 1: its unit names no currency"


def test_bare_years_of_no_known_span_are_no_period() -> None:
    text = "綜合損益表\n2021年 2020年\n人民幣千元 人民幣千元\n收益 1,234 1,000"
    assert told(text, title="公告").periods == []


def test_a_half_year_is_not_a_year() -> None:
    text = "綜合損益表\n截至6月30日止六個月\n2021年 2020年\n人民幣千元 人民幣千元\n收益 1,234 1,000"
    result = told(text, title="截至2021年6月30日止六個月之中期業績公告")
    assert value(result, "revenue", half(2021)) == 123_400_000
    assert value(result, "revenue", year(2021)) is None


def test_quarters_segments_and_the_parent_are_not_the_group() -> None:
    quarters = "分季度主要财务指标\n单位：元\n第一季度 第二季度 第三季度 第四季度\n营业收入 1.00 2.00 3.00 4.00"
    segments = "4. 分部资料\n截至2021年12月31日止年度\n单位：人民币元\n影像 心电\n收入 1.00 2.00"
    parent = "母公司利润表\n单位：元\n项目 2021年度 2020年度\n一、营业收入 1.00 2.00\n四、净利润（净亏损以“－”号填列） 1.00 2.00"  # noqa: E501
    assert told(quarters, segments, parent).periods == []


def test_adjusted_columns_that_do_not_fit_the_head_are_left_alone() -> None:
    text = "主要会计数据\n单位：元\n2021年 2020年 本年比上年增减 2019年\n营业收入 9.00 8.00 7.00 1.12% 6.00 5.00"
    result = told(text)
    assert value(result, "revenue") is None
    assert "do not fit" in result.not_found["revenue"]


def test_a_loss_may_be_printed_in_every_way() -> None:
    for row, want in (
        ("五、净利润（净亏损以“－”号填列） -1,234.56 1,000.00", -123456),
        ("净亏损 1,234.56 1,000.00", -123456),
        ("净亏损 (1,234.56) (1,000.00)", -123456),
        ("年度(亏损)/利润 (1,234.56) 1,000.00", -123456),
        ("净利润／（亏损） 1,234.56 (1,000.00)", 123456),
    ):
        assert value(told(f"{HEAD}{row}"), "net_profit") == want, row


def test_losses_of_unlike_signs_are_not_read() -> None:
    result = told(f"{HEAD}净亏损 (1,234.56) 1,000.00")
    assert value(result, "net_profit") is None
    assert "brackets" in result.not_found["net_profit"]


def test_readings_that_contradict_one_another_are_reported_and_never_averaged() -> None:
    text = f"{HEAD}营业收入 1,234.56 1,000.00"
    other = "主要会计数据\n单位：元 币种：人民币\n2021年 2020年\n营业收入 1,334.56 1,000.00"
    result = told(text, other)
    mine = next(one for one in result.periods if one.period == year(2021))
    assert [reading.value for reading in mine.disagreeing["revenue"]] == [123456, 133456]
    assert "revenue" not in mine.standing
    assert "revenue" not in result.not_found
    assert value(result, "revenue", year(2020)) == 100000


def test_a_rounded_sentence_agrees_with_its_table() -> None:
    result = told(f"2021年，公司实现营业收入1.15亿元，同比增长142%。\n{HEAD}营业收入 115,183,000.00 47,671,000.00")
    assert value(result, "revenue") == 11_518_300_000


def test_a_table_goes_on_over_the_page_but_not_over_pages_that_are_missing() -> None:
    page = AttachmentPage(number=8, text=f"某某公司2021年年度报告\n{HEAD}营业收入 9.00 8.00\n8")
    after = "某某公司2021年年度报告\n研发费用 七、65 1.00 2.00\n{}"
    near, far = (AttachmentPage(number=n, text=after.format(n)) for n in (9, 11))
    assert value(read(ANNUAL, [[page, near]]), "rd_expense") == 100
    assert value(read(ANNUAL, [[page, far]]), "rd_expense") is None


def test_a_scanned_file_is_explicitly_not_found() -> None:
    result = read(ANNUAL, [[]])
    assert result.own == year(2021)
    assert set(result.not_found.values()) == {"no text was read"}


def test_suppliers_single_customers_and_related_parties_are_not_the_five_customers() -> None:
    for text in (
        "前五名供应商采购额100.00万元，占年度采购总额64.90%。",
        "2021年，公司最大客户占营业收入的比例为30.10%。",
        "前五名客户销售额中关联方销售额0万元，占年度销售总额0%。",
        "In 2021, our five largest suppliers accounted for 64.9% of our purchases.",
        "截至2021年12月31日止年度，五大客户中最大客户占收入的20.90%。",
    ):
        assert value(told(text), "top_five_share_bp") is None, text


def test_an_increase_is_not_the_amount() -> None:
    for text in ("2021年，公司营业收入增加100.00万元。", "2021年，公司营业收入较上年增长100.00万元。", "2021年，软件产品的营业收入为100.00万元。",  # noqa: E501
                 "2021年，来自医院客户的收入为人民币100.00万元。", "2021年，公司预计实现营业收入约数亿元。"):  # fmt: skip
        assert value(told(text), "revenue") is None, text


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_is_taken(text: str, title: str) -> None:
    assert read(title, [[AttachmentPage(number=1, text=text)]]).not_found.keys() <= set(FIGURES)
