"""Periods and days as filings state them, and what a report calls 本期 and 上年同期."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import Enum

Period = tuple[date, date]


class Sort(Enum):
    """What an expression means: a period, a day, a year whose span the head of the table says, such a span, or a word that
    only the report explains."""

    FLOW = "flow"
    DAY = "day"
    YEAR = "year"
    SPAN = "span"
    SPOT = "spot"
    NOW = "now"
    BEFORE = "before"
    END = "end"
    START = "start"


@dataclass(frozen=True, slots=True)
class When:
    """One expression at ``[start, end)`` of a line. ``period`` of FLOW; of DAY a period that begins on its last day;
    ``months`` and ``month``/``day`` of a SPAN or SPOT; ``year`` of YEAR."""

    sort: Sort
    start: int
    end: int
    period: Period | None = None
    year: int = 0
    months: int = 0
    month: int = 0
    day: int = 0


_NUMBERS = {
    "三": 3,
    "六": 6,
    "九": 9,
    "十二": 12,
    "3": 3,
    "6": 6,
    "9": 9,
    "12": 12,
    "three": 3,
    "six": 6,
    "nine": 9,
    "twelve": 12,
}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december"), 1)
}  # fmt: skip
_M = "(?:" + "|".join(_MONTHS) + ")"
_EN_DAY = (
    rf"(?:(?P<{{p}}m1>{_M}) (?P<{{p}}d1>\d{{{{1,2}}}})|(?P<{{p}}d2>\d{{{{1,2}}}})(?:st|nd|rd|th)? (?P<{{p}}m2>{_M}))"
)


def _day(prefix: str) -> str:
    return (
        _EN_DAY.replace("{p}", prefix).replace("{{{{", "{").replace("}}}}", "}").replace("{{", "{").replace("}}", "}")
    )


_PATTERN = re.compile(
    rf"(?P<zhflow>截至(?P<fy>20\d\d)年(?P<fm>\d{{1,2}})月(?P<fd>\d{{1,2}})日止?的?(?P<fn>年度|(?P<fk>三|六|九|十二|3|6|9|12)个月(?:期间)?))"
    r"|(?P<zhspan>截至(?P<sm>\d{1,2})月(?P<sd>\d{1,2})日止?的?(?P<sn>年度|(?P<sk>三|六|九|十二|3|6|9|12)个月(?:期间)?))"
    r"|(?P<zhhalf>(?P<hy>20\d\d)年(?:1-6月|上半年|半年度|1月至6月|1月-6月)(?!报告))"
    r"|(?P<zhpart>(?P<py>20\d\d)年1-(?P<pm>\d{1,2})月)"
    r"|(?P<zhday>(?:于|截至)?(?P<dy>20\d\d)年(?P<dm>\d{1,2})月(?P<dd>\d{1,2})日)"
    r"|(?P<zhspot>于(?P<om>\d{1,2})月(?P<od>\d{1,2})日)"
    r"|(?P<zhend>(?P<ey>20\d\d)年末)"
    r"|(?P<zhyear>(?P<yy>20\d\d)年度?(?!\d|报告|年度|半年|第|上|下|末|[一-三]季)(?![一二三四1-4]季))"
    rf"|(?P<enflow>(?:for )?(?:the )?(?:(?P<ey1>(?:financial |fiscal )?years?)|(?P<en1>three|six|nine|twelve) months) ended {_day('a')},? (?P<eyr>20\d\d))"  # noqa: E501
    rf"|(?P<enspan>(?:for )?(?:the )?(?:(?P<ey2>(?:financial |fiscal )?years?)|(?P<en2>three|six|nine|twelve) months) ended {_day('b')},?(?! ?20\d\d))"  # noqa: E501
    rf"|(?P<enday>(?:as (?:at|of) |at )?{_day('c')},? (?P<eyd>20\d\d))"
    rf"|(?P<enspot>(?:as (?:at|of)|at) {_day('d')},?(?! ?20\d\d))"
    r"|(?P<now>本报告期(?!末|比|内)|本期(?:发生额|金额|数)|本年(?:发生额|金额|数|累计数))"
    r"|(?P<before>上年同期|上期(?:发生额|金额|数)|上年(?:发生额|金额|数))"
    r"|(?P<end>期末(?:余额|数|金额)|本报告期末|报告期末)"
    r"|(?P<first>期初(?:余额|数|金额)|上年度?末|上年年末(?:余额)?)"
    r"|(?P<bare>(?<![\d.,])20\d\d(?!\d|,\d{3}|\.\d|年))",
    re.IGNORECASE,
)


def found(text: str, *, bare: bool = True) -> list[When]:
    """Every expression in ``text`` (one spelling); bare years (2021) only where asked for, as in heads of tables."""
    told = (_when(match) for match in _PATTERN.finditer(text) if bare or match["bare"] is None)
    return [when for when in told if when]


def _when(m: re.Match[str]) -> When | None:
    at = (m.start(), m.end())
    try:
        if m["zhflow"]:
            months = 12 if m["fn"] == "年度" else _NUMBERS[m["fk"]]
            return When(Sort.FLOW, *at, ending(date(int(m["fy"]), int(m["fm"]), int(m["fd"])), months))
        if m["zhspan"]:
            return _span(at, m["sn"] == "年度", m["sk"], int(m["sm"]), int(m["sd"]))
        if m["zhhalf"]:
            return When(Sort.FLOW, *at, ending(date(int(m["hy"]), 6, 30), 6))
        if m["zhpart"]:
            year, month = int(m["py"]), int(m["pm"])
            return When(Sort.FLOW, *at, ending(date(year, month, monthrange(year, month)[1]), month))
        if m["zhday"] or m["zhend"]:
            day = date(int(m["dy"]), int(m["dm"]), int(m["dd"])) if m["zhday"] else date(int(m["ey"]), 12, 31)
            return When(Sort.DAY, *at, (day, day))
        if m["zhspot"]:
            return When(Sort.SPOT, *at, month=int(m["om"]), day=int(m["od"]))
        if m["zhyear"] or m["bare"]:
            return When(Sort.YEAR, *at, year=int(m["yy"] or m["bare"]))
        return _english(m, at)
    except ValueError:
        return None


def _english(m: re.Match[str], at: tuple[int, int]) -> When | None:
    if m["enflow"]:
        months = 12 if m["ey1"] else _NUMBERS[m["en1"].lower()]
        return When(Sort.FLOW, *at, ending(date(int(m["eyr"]), *_month_day(m, "a")), months))
    if m["enspan"]:
        return _span(at, bool(m["ey2"]), (m["en2"] or "").lower(), *_month_day(m, "b"))
    if m["enday"]:
        day = date(int(m["eyd"]), *_month_day(m, "c"))
        return When(Sort.DAY, *at, (day, day))
    if m["enspot"]:
        month, of_month = _month_day(m, "d")
        return When(Sort.SPOT, *at, month=month, day=of_month)
    sorts = {"now": Sort.NOW, "before": Sort.BEFORE, "end": Sort.END, "first": Sort.START}
    return next((When(sort, *at) for name, sort in sorts.items() if m[name]), None)


def _month_day(m: re.Match[str], prefix: str) -> tuple[int, int]:
    return _MONTHS[(m[f"{prefix}m1"] or m[f"{prefix}m2"]).lower()], int(m[f"{prefix}d1"] or m[f"{prefix}d2"])


def _span(at: tuple[int, int], whole: bool, words: str | None, month: int, day: int) -> When:
    return When(Sort.SPAN, *at, months=12 if whole else _NUMBERS[words or ""], month=month, day=day)


def ending(last: date, months: int) -> Period:
    """The ``months`` months that end on ``last``. Raises ValueError unless that is the last day of a month."""
    if last.day != monthrange(last.year, last.month)[1]:
        raise ValueError(f"{last} ends no month")
    count = last.year * 12 + last.month - months
    return date(count // 12, count % 12 + 1, 1), last


def spanned(span: When, year: int) -> Period | None:
    """The period or day of ``year`` that a SPAN or SPOT means."""
    try:
        last = date(year, span.month, span.day)
        return (last, last) if span.sort is Sort.SPOT else ending(last, span.months)
    except ValueError:
        return None


def is_day(period: Period) -> bool:
    """Whether it is a day, for figures at an end and not over a time."""
    return period[0] == period[1]


def year_before(period: Period) -> Period:
    """The same period a year earlier."""
    year = period[1].year - 1
    return ending(date(year, period[1].month, monthrange(year, period[1].month)[1]), months(period))


def months(period: Period) -> int:
    """How many months a period of whole months has."""
    return (period[1].year - period[0].year) * 12 + period[1].month - period[0].month + 1
