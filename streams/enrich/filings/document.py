"""A whole document: what it says of its own period, unit and currency, its readings, and which of them stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from events.notice import AttachmentPage
from streams.enrich.filings import periods, sentences, tables, units
from streams.enrich.filings.periods import Period, Sort
from streams.enrich.filings.reading import FIGURES, Reading, Refused
from streams.enrich.filings.tables import Setting
from streams.enrich.filings.units import PERCENT, Unit
from streams.enrich.filings.words import Line, lines, tidy
from streams.enrich.normalise import simplified

_ANNUAL = re.compile(r"(20\d\d)年?年度报告|(20\d\d)年报")
_PARTS = (
    (re.compile(r"(20\d\d)年?半年度报告|(20\d\d)年半年报"), 6, 6),
    (re.compile(r"(20\d\d)年?(?:第一季度|一季度)报告"), 3, 3),
)
_ALL = re.compile(
    r"除(?:特别|另有|非另|非特别)[^。]{0,16}?(?:金额)?(?:单位)?[^。]{0,8}?(?:为|以)(?P<zh>(?:人民币|港|美)?(?:千|万|百万|亿)?元)"
    r"|(?:expressed|presented|stated|amounts) in (?P<en>[^.;]{3,40}?),? (?:unless|except where) otherwise",
    re.IGNORECASE,
)
_YUAN = re.compile(r"人民币(?:千|万|百万|亿)?元|币种[::]?\s?人民币|Renminbi|RMB", re.IGNORECASE)
_FOREIGN = re.compile(r"单位[::]\s?(?:千|万|百万)?(?:港元|港币|美元)|币种[::]?\s?(?:港|美)")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NEAR = 40
_AROUND = 40
_ENDED = re.compile(r"日止|\bended\b", re.IGNORECASE)
_INTERIM = re.compile(r"中期(?:报告|业绩)|半年|interim", re.IGNORECASE)
_YEARLY = re.compile(r"年报|年度报告|年度业绩|全年业绩|annual (?:report|results)", re.IGNORECASE)


@dataclass
class Found:
    """What a document states of one period: figure → the reading that stands; readings that contradict one another."""

    period: Period
    standing: dict[str, Reading] = field(default_factory=dict)
    disagreeing: dict[str, tuple[Reading, ...]] = field(default_factory=dict)


@dataclass
class Result:
    """All periods of a document, the latest first; its own period where it tells one; why a figure of that was not found."""

    own: Period | None
    periods: list[Found]
    not_found: dict[str, str]


def read(title: str, files: Sequence[Sequence[AttachmentPage]]) -> Result:
    """The facts of a filing out of the pages of its files. Never raises on any text."""
    told: list[Reading] = []
    refused: list[Refused] = []
    own: Period | None = None
    for number, pages in enumerate(files):
        found = lines(pages)
        setting = setting_of(title, found)
        own = own or setting.now
        for one in (*tables.read(found, setting), *sentences.read(found, setting)):
            if isinstance(one, Reading):
                told.append(_in_file(one, number))
            else:
                refused.append(one)
    return _result(own, told, refused, any(pages for pages in files))


def _in_file(one: Reading, number: int) -> Reading:
    return Reading(one.figure, one.period, one.value, one.slack, one.currency, one.page, one.quote, one.rule, number)


def setting_of(title: str, found: Sequence[Line]) -> Setting:
    """What the title and the whole text say of a document.

    元 alone is the unit of the renminbi (Law on the People's Bank, article 17), in which a mainland company must report
    (Accounting Law, article 12); elsewhere the document has to name the currency.
    """
    raw = "\n".join(line.raw for line in found)
    text = "\n".join(line.text for line in found)
    mainland = bool(_HAN.search(raw)) and not _traditional(raw)
    yuan = "CNY" if (mainland or _YUAN.search(text)) and not _FOREIGN.search(text) else None
    return Setting(
        own_period(title, found, mainland), mainland, _for_all(text), yuan, _december(f"{tidy(title)}\n{text}")
    )


def _december(text: str) -> bool:
    """Whether every whole year that the text dates ends on 31 December, and there is one."""
    ends = {
        (when.period[1].month, when.period[1].day) if when.period else (when.month, when.day)
        for ended in _ENDED.finditer(text)
        for when in periods.found(text[max(0, ended.start() - _AROUND) : ended.end() + _AROUND], bare=False)
        if (when.sort is Sort.FLOW and when.period and periods.months(when.period) == 12)
        or (when.sort is Sort.SPAN and when.months == 12)
    }
    return ends == {(12, 31)}


def _traditional(raw: str) -> bool:
    """Whether the text is in traditional characters; one or two stand in names of simplified texts too."""
    sample = raw[:20_000]
    changed = sum(1 for old, new in zip(sample, simplified(sample), strict=False) if old != new and _HAN.match(old))
    return changed > len(_HAN.findall(sample)) // 50


def own_period(title: str, found: Sequence[Line], mainland: bool) -> Period | None:
    """The period that a report is for: by its title, else by the first lines. A mainland company's year is the calendar year
    (Accounting Law, article 11)."""
    for text in (tidy(title), *(line.text[:300] for line in found[:_NEAR])):
        if mainland or re.search("年年度报告|半年度报告|季度报告", text):
            for pattern, month, months in _PARTS:
                if match := pattern.search(text):
                    return periods.ending(
                        date(int(match[1] or match[match.lastindex or 1]), month, 30 if month == 6 else 31), months
                    )
            if match := _ANNUAL.search(text):
                return periods.ending(date(int(match[1] or match[2]), 12, 31), 12)
        flows = [when.period for when in periods.found(text, bare=False) if when.sort is Sort.FLOW and when.period]
        if len(flows) == 1 and re.search("业绩|报告|announcement|results|report", text, re.IGNORECASE):
            return flows[0]
    return _latest(tidy(title), found)


def _latest(title: str, found: Sequence[Line]) -> Period | None:
    """The latest year or half that the text of a report dates, where its title says which it is."""
    length = 6 if _INTERIM.search(title) else 12 if _YEARLY.search(title) else None
    texts = (line.text for line in found if _ENDED.search(line.text))
    dated = [when.period for text in texts for when in periods.found(text, bare=False) if when.sort is Sort.FLOW]
    return max((p for p in dated if p and periods.months(p) == length), key=lambda p: p[1], default=None)


def _for_all(text: str) -> Unit | None:
    """The unit that a document declares for all its amounts; None where it declares none, or two."""
    told = {unit for match in _ALL.finditer(text) for unit in [_declared(match["zh"], match["en"])] if unit}
    return told.pop() if len(told) == 1 else None


def _declared(zh: str | None, en: str | None) -> Unit | None:
    stated = units.found(zh or f"in {en}")
    return stated[0].unit if stated and stated[0].unit is not PERCENT else None


def _result(own: Period | None, told: Sequence[Reading], refused: Sequence[Refused], any_text: bool) -> Result:
    flows = {one.period for one in told if not periods.is_day(one.period)} | ({own} if own else set())
    grouped: dict[Period, dict[str, list[Reading]]] = {}
    for one in told:
        for period in _periods_of(one, flows):
            grouped.setdefault(period, {}).setdefault(one.figure, []).append(one)
    found = [_settled(period, grouped[period]) for period in sorted(grouped, key=lambda p: (p[1], p[0]), reverse=True)]
    own = own or (found[0].period if found else None)
    mine = next((one for one in found if one.period == own), None)
    missing = [f for f in FIGURES if mine is None or (f not in mine.standing and f not in mine.disagreeing)]
    return Result(own, found, {figure: _why(figure, refused, any_text) for figure in missing})


def _periods_of(one: Reading, flows: Iterable[Period]) -> list[Period]:
    """A figure at a day belongs to the periods that end on it; one over a time is its own."""
    return [flow for flow in flows if flow[1] == one.period[1]] if periods.is_day(one.period) else [one.period]


def _settled(period: Period, by_figure: dict[str, list[Reading]]) -> Found:
    """The finest reading stands where every other agrees with it."""
    found = Found(period)
    for figure in FIGURES:
        told = by_figure.get(figure, [])
        if not told:
            continue
        best = min(told, key=lambda one: (one.slack, one.rule != "table", one.file, one.page))
        against = [one for one in told if not one.agrees(best)]
        if against:
            found.disagreeing[figure] = (best, *against)
        else:
            found.standing[figure] = best
    return found


def _why(figure: str, refused: Sequence[Refused], any_text: bool) -> str:
    if not any_text:
        return "no text was read"
    for one in refused:
        if one.figure == figure:
            return f"page {one.page}: {one.reason}"
    return "no statement of it was found"
