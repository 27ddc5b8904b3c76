"""Any date in any form that a site uses is read back with its precision, and never one that is not stated."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.base import Precision
from events.clock import SHANGHAI
from scrapers import remember, times
from scrapers.times import UNKNOWN, from_epoch, is_date, parse_time

Form = Callable[[datetime], str]
EN = month_name[1:]
DAYS: dict[str, Form] = {
    "2022-03-09": lambda t: f"{t:%Y-%m-%d}",
    "2022-3-9": lambda t: f"{t.year}-{t.month}-{t.day}",
    "(2022-03-09)": lambda t: f"({t:%Y-%m-%d})",
    "【2022-03-09】": lambda t: f"【{t:%Y-%m-%d}】",
    "2022/3/9": lambda t: f"{t.year}/{t.month}/{t.day}",
    "2022.03.09": lambda t: f"{t:%Y.%m.%d}",
    "20220309": lambda t: f"{t:%Y%m%d}",
    "2022年3月9日": lambda t: f"{t.year}年{t.month}月{t.day}日",
    "2022 年 03 月 09 日": lambda t: f"{t:%Y} 年 {t:%m} 月 {t:%d} 日",
    "９ full width": lambda t: f"{t:%Y-%m-%d}".translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "发布时间：": lambda t: f"发布时间：{t:%Y-%m-%d}",
    "09/03/2022": lambda t: f"{t:%d/%m/%Y}",
    "9 March 2022": lambda t: f"{t.day} {EN[t.month - 1]} {t.year}",
    "Mar 9, 2022": lambda t: f"{EN[t.month - 1][:3]} {t.day}, {t.year}",
    "midnight": lambda t: f"{t:%Y-%m-%d} 00:00:00",
}
MINUTES: dict[str, Form] = {
    "2020-09-11 08:38": lambda t: f"{t:%Y-%m-%d %H:%M}",
    "2020-09-11T08:38": lambda t: f"{t:%Y-%m-%dT%H:%M}",
    "2020年9月11日 8:38": lambda t: f"{t.year}年{t.month}月{t.day}日 {t.hour}:{t:%M}",
    "2020年9月11日8时38分": lambda t: f"{t.year}年{t.month}月{t.day}日{t.hour}时{t:%M}分",
    "11/02/2026 19:10": lambda t: f"{t:%d/%m/%Y %H:%M}",
}
SECONDS: dict[str, Form] = {
    "2020-09-11 08:38:05": lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    "20200911083805": lambda t: f"{t:%Y%m%d%H%M%S}",
    "offset": lambda t: t.isoformat(timespec="seconds"),  # +09:00 in the summers of 1990 and 1991
}
MILLISECONDS: dict[str, Form] = {
    "17 digits": lambda t: f"{t:%Y%m%d%H%M%S}{t.microsecond // 1000:03d}",
    "2020-09-11 08:38:05.123": lambda t: f"{t:%Y-%m-%d %H:%M:%S}.{t.microsecond // 1000:03d}",
}
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 30)).map(  # noqa: DTZ001  # the zone is given below
    lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000, tzinfo=SHANGHAI)
)
AROUND = st.sampled_from(["", " ", "\n", "　", "来源：某局 "])


@pytest.mark.parametrize("form", DAYS)
@settings(max_examples=40, deadline=None)
@given(when=TIMES, around=AROUND)
def test_any_day_in_every_form(form: str, when: datetime, around: str) -> None:
    at, precision = parse_time(around + DAYS[form](when) + around, SHANGHAI)
    assert precision is Precision.DAY
    assert at is not None
    assert at.astimezone(SHANGHAI) == datetime(when.year, when.month, when.day, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("forms", "precision", "cut"),
    [
        (MINUTES, Precision.MINUTE, {"second": 0, "microsecond": 0}),
        (SECONDS, Precision.SECOND, {"microsecond": 0}),
        (MILLISECONDS, Precision.MILLISECOND, {}),
    ],
)
@settings(max_examples=60, deadline=None)
@given(when=TIMES, data=st.data())
def test_any_time_in_every_form(
    forms: dict[str, Form], precision: Precision, cut: dict[str, int], when: datetime, data: st.DataObject
) -> None:
    exact = when.replace(**cut)  # type: ignore[arg-type]  # names of its own fields
    read = parse_time(forms[data.draw(st.sampled_from(sorted(forms)))](exact), SHANGHAI)
    midnight = (exact.hour, exact.minute, exact.second, exact.microsecond) == (0, 0, 0, 0)
    assert read == (exact.astimezone(UTC), Precision.DAY if midnight else precision)


@given(TIMES)
def test_the_month_of_fda_stands_first(when: datetime) -> None:
    at, precision = parse_time(f"{when:%m/%d/%Y}", ZoneInfo("America/New_York"), "mdy")
    assert precision is Precision.DAY
    assert at is not None
    assert at.astimezone(ZoneInfo("America/New_York")).date() == when.date()


@given(TIMES)
def test_milliseconds_since_1970(when: datetime) -> None:
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    at, precision = from_epoch(since // timedelta(milliseconds=1), SHANGHAI)
    assert at == when
    midnight = when.time() == time(0)
    assert precision is (Precision.DAY if midnight else Precision.MILLISECOND if when.microsecond else Precision.SECOND)


GARBAGE = [
    "民国111年3月9日", "民國一一一年三月九日", "2022年", "2022年3月", "2022年上半年", "2022-02-30", "2022-13-01", "20221301",
    "99999999", "1234-56-78", "22-3-9", "第2022号", "国械注准20223210035", "k192022", "2022年第9号", "上半年", "今天 08:38",
    "08:38", "0000-00-00", "32/01/2022", "2022-3", "12022-03-091", "", " ", "—", "2022年2月29日",
]  # fmt: skip


@pytest.mark.parametrize("text", GARBAGE)
def test_what_states_no_day_gives_none(text: str) -> None:
    assert parse_time(text, SHANGHAI) == UNKNOWN
    assert not is_date(text, SHANGHAI)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0129/-.年月日 :：时分TZ+()（）上半第号二〇三", max_size=28))
def test_no_day_is_read_whose_numbers_do_not_stand_in_the_text(text: str) -> None:
    at, precision = parse_time(text, SHANGHAI)
    assert (at is None) == (precision is None)
    if at is None:
        return
    days = [at.astimezone(SHANGHAI).date(), at.date()]
    runs = " ".join(re.findall(r"\d+", text))
    assert any(str(day.year) in runs and str(day.day) in runs and str(day.month) in runs for day in _near(days)), at


def _near(days: list[date]) -> list[date]:
    """The days themselves and those beside them: 24:00 is the next, an offset may be another zone's day."""
    return [date.fromordinal(day.toordinal() + step) for day in days for step in (-1, 0, 1)]


CLOCK = "( [0-2][0-9]:[0-5][0-9](:[0-5][0-9])?)?"
COMMON = (
    rf"[(（\[【]?(19|20)[0-9]{{2}}([-/.])[0-9]{{1,2}}\2[0-9]{{1,2}}{CLOCK}[)）\]】]?",
    rf"(发布)?(时间|日期)?[:：]?20[0-9]{{2}}年[0-9]{{1,2}}月[0-9]{{1,2}}日{CLOCK}",
    rf"[0-9]{{2}}/[0-9]{{2}}/20[0-9]{{2}}{CLOCK}",
    r"20[0-9]{6}([0-9]{4}([0-9]{2}([0-9]{3})?)?)?",
)


@pytest.mark.parametrize("form", COMMON)
@given(data=st.data())
def test_the_short_way_reads_what_the_long_one_does(form: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(form, fullmatch=True))

    def read() -> list[object]:
        remember.forget()
        return [parse_time(text, SHANGHAI), parse_time(text, SHANGHAI, "mdy"), is_date(text, SHANGHAI)]

    short = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(times, "_plainly", lambda *_: None)
        assert short == read()
    remember.forget()
