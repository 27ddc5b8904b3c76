"""Any period in any form that reports use is read back, in both scripts and English; what states none gives none."""

from __future__ import annotations

from calendar import month_name, monthrange
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.view.series import window
from streams.enrich.filings import periods
from streams.enrich.filings.periods import Period, Sort
from streams.enrich.filings.words import tidy

EN = month_name[1:]
DIGITS = "〇一二三四五六七八九"
LENGTHS = {3: ("三", "three"), 6: ("六", "six"), 9: ("九", "nine"), 12: ("十二", "twelve")}
ENDS = st.builds(lambda y, m: date(y, m, monthrange(y, m)[1]), st.integers(2000, 2099), st.integers(1, 12))


def year_in_words(year: int) -> str:
    return "".join(DIGITS[int(digit)] for digit in str(year))


def small_in_words(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if not tens else ("" if tens == 1 else DIGITS[tens]) + "十") + (DIGITS[ones] if ones else "")


Form = Callable[[date, int], str]
FLOWS: dict[str, Form] = {
    "hans": lambda d, n: f"截至{d.year}年{d.month}月{d.day}日止{LENGTHS[n][0]}个月",
    "hant": lambda d, n: f"截至{d.year}年{d.month}月{d.day}日止{LENGTHS[n][0]}個月",
    "hant in words": lambda d, n: (
        f"截至{year_in_words(d.year)}年{small_in_words(d.month)}月{small_in_words(d.day)}日止{LENGTHS[n][0]}個月"
    ),
    "digits": lambda d, n: f"截至 {d.year} 年 {d.month} 月 {d.day} 日止 {n} 个月".replace(" ", ""),
    "english": lambda d, n: f"for the {LENGTHS[n][1]} months ended {d.day} {EN[d.month - 1]} {d.year}",
    "american": lambda d, n: f"for the {LENGTHS[n][1]} months ended {EN[d.month - 1]} {d.day}, {d.year}",
}
YEARS: dict[str, Form] = {
    "hans": lambda d, _: f"截至{d.year}年{d.month}月{d.day}日止年度",
    "hant in words": lambda d,
    _: f"截至{year_in_words(d.year)}年{small_in_words(d.month)}月{small_in_words(d.day)}日止年度",
    "english": lambda d, _: f"for the year ended {d.day} {EN[d.month - 1]} {d.year}",
    "financial": lambda d, _: f"the financial year ended {EN[d.month - 1]} {d.day}, {d.year}",
}


def flow(text: str) -> list[Period | None]:
    return [when.period for when in periods.found(tidy(text), bare=False) if when.sort is Sort.FLOW]


@pytest.mark.parametrize("form", FLOWS)
@settings(max_examples=40, deadline=None)
@given(end=ENDS, months=st.sampled_from(sorted(LENGTHS)))
def test_any_months_that_end_on_a_day(form: str, end: date, months: int) -> None:
    (period,) = flow(FLOWS[form](end, months))
    assert period is not None
    assert period[1] == end
    assert (period[0].day, periods.months(period)) == (1, months)


@pytest.mark.parametrize("form", YEARS)
@settings(max_examples=40, deadline=None)
@given(end=ENDS)
def test_any_year_that_ends_on_a_day(form: str, end: date) -> None:
    (period,) = flow(YEARS[form](end, 12))
    assert period is not None
    assert (period[1], periods.months(period)) == (end, 12)


@given(st.integers(2000, 2099), st.sampled_from(["上半年", "半年度", "1-6月", "1月至6月", "年上半年"]))
def test_any_half_year(year: int, word: str) -> None:
    text = f"{year}{word}" if word.startswith("年") else f"{year}年{word}"
    assert flow(text) == [(date(year, 1, 1), date(year, 6, 30))]


@pytest.mark.parametrize(
    "text",
    [
        "截至2022年6月29日止六个月",
        "截至2022年2月30日止年度",
        "2022年下半年度报告",
        "上半年",
        "民国111年上半年",
        "for the six months ended 31 June 2022",
        "for the year ended 15 March 2022",
        "2022年第3号",
        "前三季度",
        "",
    ],
)
def test_what_states_no_whole_months_gives_none(text: str) -> None:
    assert flow(text) == []


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0126年月日截至止三六九十二个月度上半于末季-至 〇", max_size=30))
def test_any_text_gives_only_whole_months_whose_year_stands_in_it(text: str) -> None:
    plain = tidy(text)
    for period in flow(text):
        assert period is not None
        assert period[0].day == 1
        assert period[1].day == monthrange(period[1].year, period[1].month)[1]
        assert str(period[1].year) in plain


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_a_statistical_year_runs_from_september_to_august(day: date) -> None:
    within = window("statistical_year", day)
    assert within.start is not None
    assert (within.start.month, within.start.day) == (9, 1)
    assert within.start <= day == within.end
    assert (day - within.start).days < 366
    assert within.includes(day.isoformat())
    assert not within.includes(date.fromordinal(within.start.toordinal() - 1).isoformat())
