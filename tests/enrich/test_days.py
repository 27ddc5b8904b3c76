"""The day from which a rule holds: any date is read back, and none that the calendar does not have."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.enrich.make.common import effective_on, iso


@given(
    st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(["起执行", "起施行", "起正式实施", "起生效", "起"])
)
def test_any_day(day: date, word: str) -> None:
    assert effective_on(f"本通知自{day.year}年{day.month}月{day.day}日{word}。") == day
    assert effective_on(f"自 {day.year} 年 {day.month:02d} 月 {day.day:02d} 日{word}") == day
    assert iso(f" {day.isoformat()} ") == day


@pytest.mark.parametrize(
    "text", ["自2022年2月30日起执行", "自发布之日起执行", "自2022年起执行", "2022年3月9日", "", "自二〇二二年起"]
)
def test_what_states_no_such_day_gives_none(text: str) -> None:
    assert effective_on(text) is None
    assert iso(text) is None
