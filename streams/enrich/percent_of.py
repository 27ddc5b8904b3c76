"""What percentages are of: 同比增长12.5%, 平均降幅53%, 占营业收入的35%, a 12% increase from 2024.

Pure, for any text in one spelling (NFKC, simplified characters, any case). What the clause does not say is None: a percentage
without 同比 and without a direction has neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from streams.enrich.percent import Numeral, numerals

Relation = Literal["change", "share", "level"]
Direction = Literal["up", "down"]
Comparison = Literal["year_on_year", "period_on_period", "stated_base"]

_ABOVE = re.compile(
    r"(?:超过|超|逾|高于|大于|不低于|不少于|至少|>=?|≥|over|more than|at least|above|exceeding)(?:了)?\s?$",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"(?:将近|接近|近|不足|不超过|不高于|至多|最多|最高|低于|小于|<=?|≤|nearly|almost|up to|less than|under|below)\s?$",
    re.IGNORECASE,
)
_MORE, _LESS = (
    re.compile(r"\s?(?:以上|or more|or above)", re.IGNORECASE),
    re.compile(r"\s?(?:以下|以内|or less)", re.IGNORECASE),
)
_UP = r"增长|上升|增加|上涨|提高|提升|扩大|攀升|回升|涨幅|增幅|增速|上浮|上调|猛增|激增|多增|升|涨"
_DOWN = r"下降|减少|降低|下滑|下跌|降幅|跌幅|降价|收窄|缩减|负增长|下调|减幅|下浮|锐减|萎缩|优惠|折扣|降|跌|减"
_EN_UP = r"\b(?:increas\w+|grew|grow(?:s|th|n|ing)?|rises?|rose|rising|risen|up|higher|gain(?:s|ed)?|jump\w*|surge|climb\w*)\b"
_EN_DOWN = (
    r"\b(?:decreas\w+|declin\w+|drop(?:s|ped|ping)?|fell|fall(?:s|en|ing)?|down|lower(?:ed)?|reduc\w+|cuts?|cutting"
    r"|shrank|discount\w*)\b"
)
_MOVES = re.compile(
    rf"(?P<down>{_DOWN}|{_EN_DOWN})|(?P<up>{_UP}|{_EN_UP})|(?P<none>减值|减持|增持|升级|减免|降脂|涨跌幅?|增减|upper|升学)",
    re.IGNORECASE,
)
_TO = re.compile(
    r"(?:(?:增长|上升|增加|提高|提升|下降|减少|降低|下滑|下调|上调|[升降增减涨跌回])(?:低|高)?[至到为](?:约|近)?"
    r"|\b(?:to|from|at)\b(?: (?:about|approximately|around|nearly|just))?)\s?$",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?:由|从)[^,。;%]{0,12}$")
_YEAR_ON_YEAR = (
    r"同比|按年|年增长|较(?:上年|去年)(?:同期|同比)?|比(?:上年|去年)(?:同期|同比)?|上年同期"
    r"|year[- ](?:on|over)[- ]year|\byoy\b|\by/y\b|from a year (?:earlier|ago)|same period (?:of )?(?:last|the previous"
    r"|the prior) year"
    r"|(?:from|on|compared (?:with|to)|over) (?:the )?(?:previous|prior|last) year"
)
_PERIOD_ON_PERIOD = (
    r"环比|按月|按季|较(?:上月|上季度?|上期|年初|期初|上年末)|比(?:上月|上季度?|上期|年初|期初|上年末)"
    r"|(?:month|quarter)[- ](?:on|over)[- ](?:month|quarter)|\b[mq]o[mq]\b"
    r"|from the (?:previous|prior|last) (?:quarter|month)"
)
_AGAINST = re.compile(
    rf"(?P<yoy>{_YEAR_ON_YEAR})|(?P<pop>{_PERIOD_ON_PERIOD})"
    r"|(?:较|比|相比于?|与)(?P<zh>(?:20\d\d年?(?:同期|度|上半年|下半年|末)?|[^,。;:%\d较比与]{0,8}?(?:前|原价|价格?"
    r"|水平|基期|均价|限价|预算|目标|计划))(?:相比|比)?)"
    r"|\b(?:from|compared (?:with|to)|over|versus|vs\.?|than|on)(?: the)?(?: same period (?:of|in))? (?P<en>(?:fy"
    r" ?)?20\d\d)\b",
    re.IGNORECASE,
)
_SHARE_ZH = re.compile(
    r"(?:占(?P<of>(?:比|(?!比)[^,。;:%]{0,24}?))(?:的)?(?:比例|比重|比率|百分比|份额|总数)?|占比)"
    r"(?:分别)?(?:约为|约|为|达到?|是|仅|合计|[超近逾]过?|高达|不足|不超过|至少|共)*\s?$"
)
_SHARE_EN = re.compile(
    r"^\s?of (?:its |our |the |their |total )*(?P<of>[a-z][a-z& -]{1,40}?)(?=[,.;:)]|$| (?:in|for|from|was|were|is|are"
    r"|and|by|during|to)\b)",
    re.IGNORECASE,
)
_OF_ZH = re.compile(r"(?P<of>[一-鿿a-z()]{2,16}?)的(?:约|近|超过?|至少|不超过|不低于)*\s?$", re.IGNORECASE)
_LEVEL = re.compile(
    r"(?P<of>(?:[a-z&-]+ ){0,2}[一-鿿a-z()\-]{0,14}?(?:率|比例|比重|占比|覆盖|度|利润率|margin|rate|ratio|share"
    r"|sensitivity|specificity|accuracy))"
    r"(?:分别|约为|约|为|达到?|是|超过?|仅|of|was|is|at|:|\s)*$",
    re.IGNORECASE,
)
_STOP = re.compile(r"[,。;:\n()!?、]|\.(?=\s|$)")
_LIST = re.compile(r"\s?(?:和|与|及|以及|、|,? and|,)\s?(?:约|近)?", re.IGNORECASE)
_REACH = 48


@dataclass(frozen=True, slots=True)
class Percentage:
    """A percentage at ``text[start:end]`` and what its clause says of it.

    ``low`` or ``high`` is None where the text leaves the end open (超50%, 近30%). ``points``: percentage points. A change has a
    direction where the text gives one, and is compared with a year before, a period before, or what stands at ``base_at``.
    A share is of what stands there; a level is a rate of that name. A minus that is written stays in the number.
    """

    low: Decimal | None
    high: Decimal | None
    points: bool
    relation: Relation
    direction: Direction | None
    comparison: Comparison | None
    base_at: tuple[int, int] | None
    start: int
    end: int


def percentages(text: str, most: int | None = None) -> list[Percentage]:
    """Every percentage in ``text`` (the first ``most``) with what its clause says of it, in order. Never raises."""
    found: list[Percentage] = []
    numbers = numerals(text)
    for at, number in enumerate(numbers[:most]):
        last = numbers[at - 1].end if at else 0
        following = numbers[at + 1].start if at + 1 < len(numbers) else len(text)
        if found and _LIST.fullmatch(text[last : number.start]):
            found.append(_like(number, found[-1]))
            continue
        left = _left(text, max(last, number.start - _REACH), number.start)
        stop = _STOP.search(text, number.end, min(following, number.end + _REACH))
        right = stop.start() if stop else min(following, number.end + _REACH)
        found.append(_read(text, number, left, right))
    return found


def _left(text: str, floor: int, start: int) -> int:
    """Where the clause before a number begins."""
    return max((stop.end() for stop in _STOP.finditer(text, floor, start)), default=floor)


def _like(number: Numeral, other: Percentage) -> Percentage:
    """The next of a list (分别增长12%和15%): what was said of the first is said of it."""
    direction = _signed(number) if number.signed else other.direction
    return Percentage(
        *_ends(number, "", ""),
        number.points,
        other.relation,
        direction,
        other.comparison,
        other.base_at,
        number.start,
        number.end,
    )


def _read(text: str, number: Numeral, left: int, right: int) -> Percentage:
    before, after = text[left : number.start], text[number.end : right]
    low, high = _ends(number, before, after)
    bare = _BELOW.sub("", _ABOVE.sub("", before))
    relation, direction, base = _what(bare, after, number, left)
    comparison: Comparison | None = None
    if relation == "change" and (against := _against(text, left, number, right)):
        comparison, base = against
    return Percentage(low, high, number.points, relation, direction, comparison, base, number.start, number.end)


def _what(
    before: str, after: str, number: Numeral, left: int
) -> tuple[Relation, Direction | None, tuple[int, int] | None]:
    """A share, a change or a level, by the words nearest to the number."""
    share = None if number.points else _SHARE_ZH.search(before)
    if share and not _MOVES.search(share["of"] or ""):
        named = share["of"] if share["of"] and share["of"] != "比" else ""
        return "share", None, (left + share.start("of"), left + share.end("of")) if named else None
    if not number.signed and (_TO.search(before) or _FROM.search(before)):
        return "level", None, _named(_LEVEL.search(_TO.sub("", before)), left)
    moved = [m for m in _MOVES.finditer(before) if m.lastgroup != "none"]
    level = _LEVEL.search(before)
    if moved and not (level and level.start() >= moved[-1].end() and "幅" not in level[0]):
        return "change", "down" if moved[-1]["down"] else "up", None
    if level and not number.signed:
        return "level", None, _named(level, left)
    share = None if number.points else _SHARE_EN.match(after)
    if share:
        return "share", None, (number.end + share.start("of"), number.end + share.end("of"))
    if moved := [m for m in _MOVES.finditer(after) if m.lastgroup != "none"]:
        return "change", "down" if moved[0]["down"] else "up", None
    if number.signed or _AGAINST.search(before):
        return "change", _signed(number), None
    of = _OF_ZH.search(before)
    return ("share", None, _named(of, left)) if of else ("level", None, None)


def _named(match: re.Match[str] | None, left: int) -> tuple[int, int] | None:
    return (left + match.start("of"), left + match.end("of")) if match and match["of"] else None


def _signed(number: Numeral) -> Direction | None:
    if not number.signed:
        return None
    return "down" if number.low < 0 else "up"


def _against(text: str, left: int, number: Numeral, right: int) -> tuple[Comparison, tuple[int, int] | None] | None:
    """What a change is compared with; its own clause first, before the number first."""
    for start, end in ((left, number.start), (number.end, right)):
        matches = list(_AGAINST.finditer(text, start, end))
        if not matches:
            continue
        last = matches[-1]
        if last["yoy"] or last["pop"]:
            return "year_on_year" if last["yoy"] else "period_on_period", last.span()
        return "stated_base", last.span("zh" if last["zh"] else "en")
    return None


def _ends(number: Numeral, before: str, after: str) -> tuple[Decimal | None, Decimal | None]:
    if number.low != number.high:
        return number.low, number.high
    if _ABOVE.search(before) or _MORE.match(after):
        return number.low, None
    if _BELOW.search(before) or _LESS.match(after):
        return None, number.high
    return number.low, number.high
