"""The head of a table: which column is which period, in which unit. Built line by line, from the top."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from streams.enrich.filings import periods, units
from streams.enrich.filings.periods import Period, Sort, When
from streams.enrich.filings.units import PERCENT, Unit

_CHANGE = re.compile(
    r"(?:本(?:年|期|报告期))?(?:比|较)(?:上年|上期|去年)(?:同期|年末|度末|末)?(?:增减|变动|增长)(?:比例|幅度|率)?|同比(?:增减|变动|增长)(?:比例|幅度|率)?"
    r"|增减(?:幅度|比例|变动)?|变动(?:比例|幅度|率)?|% change|percentage change|year-on-year change|\bchanges?\b|增长率"
    r"|占(?:营业收入|总收入|收入|总额)的?(?:比重|比例|百分比)?|% of (?:total )?revenue",
    re.IGNORECASE,
)
_NOTE = re.compile(r"附注(?:编号)?|\bnotes?\b", re.IGNORECASE)
_FILLER = re.compile(
    r"主要会计数据(?:和财务指标)?|主要财务(?:数据|指标)|财务指标|项目|科目|指标|未经审计|未经审核|经审核|经审计|\(?经重列\)?|unaudited|audited|\(?restated\)?"
    r"|单位[::]|币种[::]?|人民币|金额|for the|\band\b|years?|[()\[\],.:;/、及和*%\s]|财政年度|except[\w ,]*|审计|重列|止",
    re.IGNORECASE,
)
_LONGEST = 240
_MAY_BE = re.compile(
    r"20\d\d|[年月期末元%$]|项目|附注|note|RMB|in (?:thousands|millions)|audited|ended|\bat\b|as of|审|金额|指标|数据",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[\u4e00-\u9fffA-Za-z\d]")
_SPREAD = 3
"""Letters of a line that may remain unexplained: an odd footnote mark, half a wrapped word."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of numbers: the period it is for (None for a change or a share) and its unit (None where none is stated)."""

    period: Period | None
    unit: Unit | None


@dataclass
class Head:
    """What is known of the table under way. ``now`` is the period of the report, for 本期 and 上年同期."""

    now: Period | None
    calendar: bool
    columns: list[Period | None] = field(default_factory=list)
    spans: list[When] = field(default_factory=list)
    flow: Period | None = None
    stated: list[Unit] = field(default_factory=list)
    per_column: list[Unit] = field(default_factory=list)
    noted: bool = False

    def take(self, text: str) -> bool:
        """Read one line of the head; False where the line is none."""
        if len(text) > _LONGEST or not _MAY_BE.search(text):
            return False
        whens = periods.found(text)
        said = [one for one in units.found(text) if not any(w.start <= one.start < w.end for w in whens)]
        changes = list(_CHANGE.finditer(text))
        notes = list(_NOTE.finditer(text))
        marks = [(w.start, w.end) for w in whens] + [(u.start, u.end) for u in said if u.unit is not PERCENT]
        marks += [m.span() for m in (*changes, *notes)]
        rest = _rest(text, marks)
        if len(rest) > (_SPREAD if whens or said or notes else 0) or not _LETTER.search(text):
            return False
        self.noted = self.noted or bool(notes)
        self._units(said, changes)
        self._periods(whens, [m.start() for m in changes])
        return True

    def _units(self, said: Sequence[units.Stated], changes: Sequence[re.Match[str]]) -> None:
        told = [one.unit for one in said if not any(m.start() <= one.start <= m.end() + 1 for m in changes)]
        amounts = [unit for unit in told if unit is not PERCENT]
        if not amounts:
            return
        if len(told) == 1:
            self.stated = amounts
            self.per_column = []
        else:
            self.per_column = told

    def _periods(self, whens: Sequence[When], changes: Sequence[int]) -> None:
        spans = [when for when in whens if when.sort in {Sort.SPAN, Sort.SPOT}]
        told = [when for when in whens if when.sort not in {Sort.SPAN, Sort.SPOT}]
        if spans:
            self.spans, self.columns = spans, []
        if not told:
            return
        marks: list[tuple[int, When | None]] = [(when.start, when) for when in told] + [(at, None) for at in changes]
        ordered = [when for _, when in sorted(marks, key=lambda mark: mark[0])]
        years = [when.year for when in told if when.sort is Sort.YEAR]
        of_years = iter(self._of_years(years))
        self.columns = [None if when is None else self._one(when, of_years) for when in ordered]
        if len(told) == 1 and not changes and self.columns[0] is not None and told[0].sort is not Sort.YEAR:
            self.flow = self.columns[0]
        if any(column is None and when is not None for column, when in zip(self.columns, ordered, strict=True)):
            self.columns = []

    def _one(self, when: When, of_years: object) -> Period | None:
        match when.sort:
            case Sort.YEAR:
                return next(of_years, None)  # type: ignore[call-overload, no-any-return]
            case Sort.NOW:
                return self.now
            case Sort.BEFORE:
                return periods.year_before(self.now) if self.now else None
            case Sort.END:
                return (self.now[1], self.now[1]) if self.now else None
            case Sort.START:
                return _last_year_end(self.now) if self.now else None
            case _:
                return when.period

    def _of_years(self, years: Sequence[int]) -> list[Period | None]:
        """The periods of bare years: by the spans above them, which change where the years begin anew."""
        groups = _groups(years)
        if self.spans:
            if len(groups) != len(self.spans) and len(self.spans) != 1:
                return [None] * len(years)
            if len(self.spans) == 1 and len(groups) != 1:
                return [None] * len(years)
            pairs = zip(self.spans, groups, strict=True)
            return [periods.spanned(span, year) for span, group in pairs for year in group]
        if self.flow and len(groups) == 1 and self.flow[1].year == max(years):
            gap = [self.flow[1].year - year for year in years]
            return [_earlier(self.flow, years_ago) for years_ago in gap]
        if self.calendar and len(groups) == 1:
            return [periods.ending(self._december(year), 12) for year in years]
        return [None] * len(years)

    @staticmethod
    def _december(year: int) -> date:
        return date(year, 12, 31)

    def layout(self, otherwise: Unit | None) -> list[Column]:
        """The columns of the rows below, ``otherwise`` the unit of the document; empty where they cannot be told."""
        count, each = len(self.columns), self.per_column
        if not count:
            return []
        if not each:
            unit = self.stated[-1] if self.stated else otherwise
            return [Column(period, unit) for period in self.columns]
        if len(each) == count:
            return [Column(None if unit is PERCENT else p, unit) for p, unit in zip(self.columns, each, strict=True)]
        if len(each) == 2 * count and all(unit is PERCENT for unit in each[1::2]):
            return [
                Column(p if unit is not PERCENT else None, unit)
                for p, pair in zip(self.columns, zip(each[::2], each[1::2], strict=True), strict=True)
                for unit in pair
            ]
        if len(each) == count + 1 and each[-1] is PERCENT and None not in self.columns:
            return [*(Column(p, unit) for p, unit in zip(self.columns, each, strict=False)), Column(None, PERCENT)]
        amounts = [unit for unit in each if unit is not PERCENT]
        if len(amounts) == sum(p is not None for p in self.columns) and len(each) == len(amounts):
            told = iter(amounts)
            return [Column(p, next(told) if p is not None else PERCENT) for p in self.columns]
        return []


def _rest(text: str, marks: Sequence[tuple[int, int]]) -> str:
    kept = [char if not any(a <= at < b for a, b in marks) else " " for at, char in enumerate(text)]
    return _FILLER.sub("", "".join(kept))


def _groups(years: Sequence[int]) -> list[list[int]]:
    """Years in runs that rise or fall by one: 2019 2020 2020 2021 are two runs."""
    groups: list[list[int]] = []
    for year in years:
        steps = groups[-1] if groups else []
        step = steps[1] - steps[0] if len(steps) > 1 else None
        if steps and abs(year - steps[-1]) == 1 and step in (None, year - steps[-1]):
            steps.append(year)
        else:
            groups.append([year])
    return groups


def _earlier(period: Period, years: int) -> Period:
    for _ in range(years):
        period = (
            periods.year_before(period)
            if not periods.is_day(period)
            else (period[0].replace(year=period[0].year - 1),) * 2
        )
    return period


def _last_year_end(now: Period) -> Period:
    day = date(now[0].year - 1, 12, 31) if now[0].month == 1 else now[0] - timedelta(days=1)
    return day, day
