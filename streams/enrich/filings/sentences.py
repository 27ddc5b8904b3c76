"""Sentences that state a figure: subject, period and amount in one of the orders that reports use; any other is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from events.amounts import Amount, amounts
from streams.enrich.filings import periods, units
from streams.enrich.filings.periods import Period, Sort, When
from streams.enrich.filings.reading import Reading
from streams.enrich.filings.tables import Setting
from streams.enrich.filings.words import Line, chapters
from streams.enrich.percent import numerals

_END = re.compile(r"[。;!?]|(?<=[a-z)%\d])\.(?=\s[A-Z(]|$)")
_MINE = re.compile(
    r"报告期内|本报告期|本年度|during the (?:reporting period|year)|for the reporting period", re.IGNORECASE
)


_STOPS = re.compile(r"[。;!?,.]")
_LONGEST = 1500
"""Characters; whatever is longer is no sentence."""
_TELLS = re.compile(
    r"收入|收益|毛利|研发|研究|利润|亏损|溢利|现金及现金等价物|客户|revenue|profit|loss|research|r&d|cash|customers",
    re.IGNORECASE,
)
_SLACK = (50, 5, 0)
"""Half of the last digit of a share in basis points, by its decimals."""
_FULL = 0.6
"""A line shorter than this part of the longest, without a mark of punctuation, is a title and not a line of a paragraph."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in one spelling, as printed, and the page that it begins on."""

    page: int
    text: str
    raw: str


@dataclass(frozen=True, slots=True)
class _Marked:
    """A sentence with its periods, amounts and shares in place of which stand ⟦P0⟧, ⟦A0⟧, ⟦S0⟧."""

    text: str
    periods: list[Period | None]
    amounts: list[Amount]
    shares: list[Decimal]


def read(found: Sequence[Line], setting: Setting) -> Iterator[Reading]:
    """The readings of every sentence."""
    for sentence in sentences(found):
        if len(sentence.text) > _LONGEST or not _TELLS.search(sentence.text):
            continue
        marked = _marked(sentence.text, setting)
        yield from _figures(sentence, marked, setting)
        yield from _customers(sentence, marked, setting)


def sentences(found: Sequence[Line]) -> Iterator[Sentence]:
    """The lines put together and cut where sentences end; rows of tables end one as well."""
    for chapter in chapters(found):
        page, text, raw = 0, "", ""
        width = max((len(line.text) for line in chapter), default=0)
        for line in chapter:
            if not text:
                page = line.page
            _, row = units.cells(line.text)
            if len(row) > 1 or (len(line.text) < _FULL * width and not _STOPS.search(line.text)):
                if text:
                    yield Sentence(page, text, raw)
                text, raw = "", ""
                continue
            glue = (
                ""
                if not text
                or "\u4e00" <= text[-1] <= "\u9fff"
                or text[-1] in ",、"
                or "\u4e00" <= line.text[0] <= "\u9fff"
                else " "
            )
            text, raw = f"{text}{_break(text, line.text, glue)}{line.text}", f"{raw}{glue}{line.raw}"
            parts = _END.split(text[-2 * _LONGEST :])
            if len(parts) > 1:
                for part in parts[:-1]:
                    if part.strip():
                        yield Sentence(page, part.strip(), raw.strip())
                page, text, raw = line.page, parts[-1].strip(), line.raw if parts[-1].strip() else ""
        if text:
            yield Sentence(page, text, raw)


def _break(text: str, following: str, glue: str) -> str:
    """A number cut by the end of a Chinese line goes on in the next one."""
    cut = (
        re.search(r"[\d.,]$", text)
        and re.match(r"[\d.,]*\d?[%百千万亿元]", following)
        and re.search(r"[\u4e00-\u9fff]", text)
    )
    return "" if cut else glue


def _marked(text: str, setting: Setting) -> _Marked:
    whens = periods.found(text)
    sums = amounts(text)
    shares = [one for one in numerals(text) if one.low == one.high and not one.points and not one.signed]
    marks: list[tuple[int, int, str]] = []
    spans: list[Period | None] = []
    for when, period in zip(whens, _resolved(whens, setting), strict=True):
        marks.append((when.start, when.end, f"⟦P{len(spans)}⟧"))
        spans.append(period)
    for mine in _MINE.finditer(text):
        marks.append((mine.start(), mine.end(), f"⟦P{len(spans)}⟧"))
        spans.append(setting.now)
    marks += [(a.start, a.end, f"⟦A{n}⟧") for n, a in enumerate(sums)]
    marks += [(one.start, one.end, f"⟦S{n}⟧") for n, one in enumerate(shares)]
    plain, at = "", 0
    for start, end, mark in sorted(marks):
        if start >= at:
            plain += text[at:start] + mark
            at = end
    return _Marked(plain + text[at:], spans, sums, [one.low for one in shares])


def _resolved(whens: Sequence[When], setting: Setting) -> list[Period | None]:
    """A bare year is a calendar year where the company's years are."""
    calendar = setting.calendar or setting.december
    found: list[Period | None] = []
    for when in whens:
        if when.sort is Sort.YEAR:
            found.append(periods.ending(date(when.year, 12, 31), 12) if calendar else None)
        elif when.sort is Sort.NOW:
            found.append(setting.now)
        else:
            found.append(when.period)
    return found


_FIGURES: tuple[tuple[str, bool, str], ...] = (
    ("revenue", False, r"(?:营业收入|(?:总)?(?:收入|收益)(?:总额)?)"),
    ("gross_profit", False, r"毛利(?:总额)?"),
    ("rd_expense", False, r"(?:研发(?:费用|开支|成本)|研究(?:及|与|和)?(?:开发|发展)(?:费用|开支|成本))"),
    ("net_profit", True, r"(?:净亏损|(?:年内|期内|年度)(?:净)?亏损|亏损净额)"),
    ("net_profit", False, r"(?:净利润|(?:年内|期内|年度)(?:净)?(?:利润|溢利))"),
    ("cash", False, r"现金及现金等价物(?:余额)?"),
    ("revenue", False, r"(?:total )?revenues?"),
    ("gross_profit", False, r"gross profit"),
    ("rd_expense", False, r"(?:research and development|r&d) (?:expenses?|costs?)"),
    ("net_profit", True, r"(?:net loss(?:es)?|loss(?:es)? for the (?:year|period))"),
    ("net_profit", False, r"(?:net profits?|profit for the (?:year|period))"),
    ("cash", False, r"cash and cash equivalents"),
)
_SUBJECT = (
    r"(?:我们|本集团|本公司|公司|集团|发行人|的|于|在|共|合计|累计|实现|录得|取得|拥有|持有|约|总|则|与此同时|同期|，|,"
    r"|\b(?:our|we|the|group|group's|company|company's|its|recorded|generated|had|a|an|of|achieved|reported|total|in|for|and|therefore|as a result)\b|\s)"  # noqa: E501
)
_IS = (
    r"(?:分别|为|约|达到?|总额|合计|人民币|是|录得|，|,|:|：|\s"
    r"|\b(?:of|was|were|is|amounted to|amounting to|approximately|reached|totaled|totalled|about|recorded)\b)*"
)
_P, _A, _S = r"⟦P\d+⟧", r"⟦A\d+⟧", r"⟦S\d+⟧"
_LIST = r"(?:\s?(?:、|,|，|和|及|与|以及|,? and|and|&)\s?(?:截至)?(?:in |the |for the )*"


def _several(token: str) -> str:
    return rf"{token}{_LIST}{token})*"


_STEP = r"(?:[^⟦。]{0,12}?(?:增|减|升|降|increas|decreas|rose|grew|by)[^⟦。]{0,16}?(?:⟦S\d+⟧[^⟦。]{0,6}?)?)?"


def _patterns(figure: str) -> list[re.Pattern[str]]:
    # only a whole clause is read: what stands before the figure is its subject, or the figure is a part of something else
    start = rf"(?:^|[,，。:：]|⟦P\d+⟧|\bthat\b|\n){_SUBJECT}*"
    shapes = (
        rf"(?:于|在|in |for |截至)?(?:the )?(?P<ps>{_several(_P)})(?:各期|，|,|\s)*{_SUBJECT}*{figure}{_IS}(?P<as>{_several(_A)})(?![\d⟧])",  # noqa: E501
        rf"{start}{figure}{_STEP}(?:由|从){_SUBJECT}*(?P<p1>{_P})的?{_IS}(?P<a1>{_A}){_STEP}(?:至|到){_SUBJECT}*(?P<p2>{_P})的?{_IS}(?P<a2>{_A})",
        rf"{start}{figure} (?:increased|decreased|grew|rose|declined)(?: slightly| significantly)?(?: by)?[^⟦]{{0,12}}(?:{_S})?,? ?from {_IS}(?P<a1>{_A}) (?:in|for) (?:the )?(?P<p1>{_P}) to {_IS}(?P<a2>{_A}) (?:in|for) (?:the )?(?P<p2>{_P})",  # noqa: E501
        rf"{start}{figure}{_IS}(?P<as>{_several(_A)}) (?:in|for|during)(?: each of)? (?:the )?(?P<ps>{_several(_P)})",
        rf"{start}{figure} (?:increased|decreased|grew|rose|declined) by[^⟦]{{0,12}}{_S} to {_IS}(?P<as>{_A}) (?:in|for) (?:the )?(?P<ps>{_P})",  # noqa: E501
    )
    return [re.compile(shape, re.IGNORECASE) for shape in shapes]


@cache
def _rules() -> list[tuple[str, bool, re.Pattern[str]]]:
    """Compiled at first need: half a second that no command should pay which reads no filing."""
    return [(figure, loss, pattern) for figure, loss, words in _FIGURES for pattern in _patterns(words)]


_THEN = re.compile(
    rf"[,，]?\s?(?:而|上年同期)?(?:于|在)?(?P<p1>{_P})(?:则|亦)?(?:约)?(?:为|是)(?:约)?(?P<a1>{_A})"
    rf"|\s?\((?P<p2>{_P})\s?:\s?(?:约|approximately )?(?P<a2>{_A})\)"
    rf"|,? (?:as )?compared (?:with|to) {_IS}(?P<a3>{_A}) (?:in|for) (?:the )?(?P<p3>{_P})",
    re.IGNORECASE,
)
"""What may follow a statement at once: the same figure of the period that it is compared with."""


def _figures(sentence: Sentence, marked: _Marked, setting: Setting) -> Iterator[Reading]:
    for figure, loss, pattern in _rules():
        for match in pattern.finditer(marked.text):
            groups = match.groupdict()
            if groups.get("ps") is not None:
                pairs = _paired(groups["ps"], groups["as"])
            else:
                pairs = [(groups["p1"], groups["a1"]), (groups["p2"], groups["a2"])]
            if then := _THEN.match(marked.text, match.end()):
                pairs += [(then[f"p{n}"], then[f"a{n}"]) for n in (1, 2, 3) if then[f"p{n}"]]
            for span, amount in pairs:
                if one := _reading(sentence, marked, figure, loss, int(span[2:-1]), int(amount[2:-1]), setting):
                    yield one


def _paired(spans: str, sums: str) -> list[tuple[str, str]]:
    told, said = re.findall(_P, spans), re.findall(_A, sums)
    return list(zip(told, said, strict=True)) if len(told) == len(said) else []


def _reading(
    sentence: Sentence, marked: _Marked, figure: str, loss: bool, span: int, number: int, setting: Setting
) -> Reading | None:
    period, amount = marked.periods[span], marked.amounts[number]
    if period is None or amount.low is None or amount.low != amount.high or amount.currency is None:
        return None
    if periods.is_day(period) != (figure == "cash"):
        return None
    said = sentence.text[amount.start : amount.end]
    if amount.currency == "CNY" and not re.search("人民币|RMB|CNY|¥", said) and setting.yuan != "CNY":
        return None
    value = -abs(amount.low) if loss else amount.low
    return Reading(figure, period, value, _slack(said), amount.currency, sentence.page, sentence.raw, "sentence")


def _slack(said: str) -> int:
    """Half of the last digit that an amount states, in minor units."""
    number = re.search(
        r"\d[\d,]*(?:\.(\d+))?\s?(亿|百万|千万|万|千|million|billion|thousand|m\b)?", said, re.IGNORECASE
    )
    if number is None:
        return 0
    powers = {"亿": 8, "百万": 6, "千万": 7, "万": 4, "千": 3, "million": 6, "billion": 9, "thousand": 3, "m": 6, "": 0}
    digits = powers[(number[2] or "").lower()] + 2 - len(number[1] or "")
    return 10**digits // 2 if digits > 0 else 0


_FIVE = re.compile(
    r"(?:前(?:五|5)(?:名|大)|五大)客户|(?:five|5) largest customers|top five customers",
    re.IGNORECASE,
)
_OTHER = re.compile(r"供应商|关联|supplier|related part|最大客户|largest customer\b|单一", re.IGNORECASE)
_YEARLY = re.compile(r"年度|当年|本年|全年|the year")
_SHARES = re.compile(rf"(?P<shares>{_several(_S)})")
_OF_SALES = re.compile(r"占|account|represent|contribut|were|was", re.IGNORECASE)


def _customers(sentence: Sentence, marked: _Marked, setting: Setting) -> Iterator[Reading]:
    """The first shares after the first mention of the five largest customers, where nothing else comes between.

    A share of the year's sales (占年度销售总额) in a sentence without a period is of the report's own.
    """
    mention = _FIVE.search(marked.text)
    shares = _SHARES.search(marked.text, mention.end()) if mention else None
    if mention is None or shares is None:
        return
    between = marked.text[mention.end() : shares.start()]
    before = marked.text[: mention.start()]
    if (
        _OTHER.search(between)
        or _OTHER.search(before)
        or not _OF_SALES.search(between)
        or re.search("其中|of which", before)
    ):
        return
    told = re.findall(r"⟦S(\d+)⟧", shares["shares"])
    lists = [match[0] for match in re.finditer(_several(_P), before + between)]
    spans = [int(n) for n in re.findall(r"⟦P(\d+)⟧", lists[-1])] if lists else []
    of = [marked.periods[span] for span in spans]
    if not of and len(told) == 1 and _YEARLY.search(between):
        of = [setting.now]
    if len(of) != len(told):
        return
    for period, number in zip(of, told, strict=True):
        points = marked.shares[int(number)] * 100
        if period and not periods.is_day(period) and 0 <= points <= 10_000 and points == points.to_integral_value():
            slack = _SLACK[-int(marked.shares[int(number)].as_tuple().exponent)]
            yield Reading(
                "top_five_share_bp", period, int(points), slack, None, sentence.page, sentence.raw, "sentence"
            )
