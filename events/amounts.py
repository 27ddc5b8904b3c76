"""Sums of money as Chinese and English texts state them: 3000万人民币, 数千万元, 近1亿港元, US$300–400 million.

A pure reader that the importer of tables and the makers of events share. Only what names its currency is an amount: 30%, 3000万
and 2021年 are none, nor is the unit of a table (单位：万元). Exact decimals, never a float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from events.base import minor_digits

_CURRENCIES = {
    "USD": r"US\s?\$|USD|美元|美金|U\.S\. dollars?|US dollars?|(?<![A-Z])\$",
    "HKD": r"HK\s?\$|HKD|港元|港币|港幣|Hong Kong dollars?",
    "CNY": r"人民币|人民幣|RMB|CNY|CN\s?¥|元|圆|¥|yuan",
    "EUR": r"EUR|欧元|歐元|€|euros?",
    "GBP": r"GBP|英镑|英鎊|£",
    "JPY": r"JPY|日元|日圆|日圓|円|yen",
    "SGD": r"SGD|S\$|新加坡元|新元",
    "TWD": r"TWD|NT\s?\$|新台币|新台幣",
    "CHF": r"CHF|瑞士法郎",
    "KRW": r"KRW|韩元|韓元|₩",
    "AUD": r"AUD|A\$|澳元",
    "CAD": r"CAD|C\$|加元",
}
_LIMIT = Decimal(10) ** 20
_ORDER = ("USD", "HKD", "SGD", "TWD", "AUD", "CAD", "JPY", "KRW", "EUR", "GBP", "CHF", "CNY")
_ENGLISH = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "mm": 6, "mln": 6, "million": 6, "millions": 6, "b": 9, "bn": 9,
            "bln": 9, "billion": 9, "billions": 9, "trillion": 12, "tn": 12}  # fmt: skip
_TENS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億貳參陸兩數幾餘約", "一二三四五六七八九十百千万亿二三六两数几余约")

_CUR = "(?:" + "|".join(_CURRENCIES[code] for code in _ORDER) + ")"
_CODE = re.compile("|".join(f"(?P<{code}>{_CURRENCIES[code]})" for code in _ORDER), re.IGNORECASE)
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_WORD = "(?:" + "|".join(sorted(_ENGLISH, key=len, reverse=True)) + r")(?![A-Za-z])"
_ARABIC = (
    rf"{_NUMBER}(?![\d%‰]|[.,]\d)"
    rf"(?:\s?{_WORD}|\s?[十百千]?[多余]?(?:万亿|[万亿])?(?:{_NUMBER}[十百千]?万)?(?=[^A-Za-z]|$|{_CUR}))"
)
_CHINESE = r"[零〇一二两三四五六七八九十百千万亿]{0,12}[百千万亿](?:[零〇一二两三四五六七八九十百千万亿]{1,12})?"
_SOME = r"[数几][十百千]?[万亿]|(?:tens|hundreds) of (?:thousands|millions|billions)|(?:several|multi) ?(?:million|billion)s?"
_Q = rf"(?:{_SOME}|{_ARABIC}|{_CHINESE})"
_TO = r"\s?(?:-|–|—|−|~|至|到|to)\s?"
_ABOVE = r"超过|超|逾|高达|不低于|不少于|至少|突破|过|上|>=?|≥|over|more than|at least|above|exceeding"
_BELOW = r"近|将近|接近|不足|不超过|不高于|至多|最多|低于|<=?|≤|nearly|almost|up to|less than|under|below"
_ABOUT = r"约|大约|约为|左右|~|≈|about|around|approximately|approx\.?|circa|c\."
_PREFIX = rf"(?:(?P<above>{_ABOVE})|(?P<below>{_BELOW})|(?P<about>{_ABOUT}))\s?"
_SUFFIX = r"(?P<more>\+|[多余]|以上|or more)|(?P<less>以下|以内)|(?P<circa>左右|上下)|(?P<grade>级)"
_AMOUNT = re.compile(
    rf"(?:{_PREFIX})?(?P<cur1>{_CUR})?\s?(?P<minus>(?<![\w%)])[-−](?=\d))?(?:(?P<above2>{_ABOVE})|(?P<below2>{_BELOW})|(?P<about2>{_ABOUT}))?\s?"
    rf"(?(cur1)|(?<![\dA-Za-z_.,]))(?!(?<=\d\s)\d{{3}}(?!\d))(?P<first>{_Q})(?P<odd>[多余])?\s?(?P<grade1>级)?(?P<cur2>{_CUR})?"
    rf"(?:{_TO}(?P<cur3>{_CUR})?\s?(?P<second>{_Q}))?\s?(?P<cur4>{_CUR})?(?:{_SUFFIX})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A stated sum in minor units (fen, cents; whole yen and won) of an ISO 4217 currency, at ``text[start:end]``.

    An end that the text leaves open is None: 超1亿元 has no ``high``, 近1亿元 no ``low``. 数千万 and 千万级 state an order of
    magnitude, whose bounds are given (10 to 100 million). A minus sign makes it negative; brackets do not.
    ``approximate`` says that the text does not claim to be exact.
    """

    low: int | None
    high: int | None
    currency: str
    start: int
    end: int
    approximate: bool


def amounts(text: str) -> list[Amount]:
    """Every amount in ``text``, in its order, never overlapping. One that is no whole number of minor units is left out.
    Never raises."""
    plain = text.translate(_WIDE).translate(_FORMAL)
    found = (_amount(match) for match in _AMOUNT.finditer(plain))
    return [amount for amount in found if amount]


def _amount(match: re.Match[str]) -> Amount | None:
    said = (_code(match[name]) for name in ("cur1", "cur2", "cur3", "cur4") if match[name])
    codes = [code for code in said if code]
    currency = next((code for code in codes if code != "CNY"), codes[0] if codes else None)
    if currency is None or len(set(codes) - {currency, "CNY"}) > 0:
        return None
    ends = _ends(match)
    if ends is None or _header(match):
        return None
    low, high, vague = ends
    scale = Decimal(10) ** minor_digits(currency)
    minor = [None if end is None else end * scale for end in (low, high)]
    if any(end is not None and (abs(end) >= _LIMIT or end != end.to_integral_value()) for end in minor):
        return None
    least, most = (None if end is None else int(end) for end in minor)
    gap = len(match[0]) - len(match[0].lstrip())
    return Amount(least, most, currency, match.start() + gap, match.start() + len(match[0].rstrip()), vague)


def _header(match: re.Match[str]) -> bool:
    """Whether a unit without a number is the unit of a table (单位：亿元, 万元) and no sum."""
    if match["first"][0] not in "百千万亿" or re.search("[一二两三四五六七八九]", match["first"]):
        return False
    before = match.string[: match.start()].rstrip()[-1:]
    return match["first"] in ("百", "千", "万") or (
        before in ("(", ":", "/") and not match["above"] and not match["below"]
    )


def _code(text: str) -> str | None:
    found = _CODE.fullmatch(text)
    return found.lastgroup if found else None


def _ends(match: re.Match[str]) -> tuple[Decimal | None, Decimal | None, bool] | None:
    """Low, high, and whether they are approximate, in whole units of the currency."""
    first, second = _quantity(match["first"]), _quantity(match["second"] or "")
    if match["minus"]:
        return None if second or first.vague else (-first.low, -first.low, False)
    about = bool(match["about"] or match["about2"] or match["circa"])
    if second:
        low = first.low * second.unit if first.unit == 1 and not match["cur2"] else first.low
        return (low if low <= second.high else second.low, second.high, about or first.vague or second.vague)
    if match["above"] or match["above2"] or match["odd"] or match["more"] or re.search("[多余]", match["first"]):
        return first.low, None, True
    if match["below"] or match["below2"] or match["less"]:
        return None, first.low if first.bare else first.high, True
    if match["grade"] or match["grade1"]:
        return first.low, first.low * 10, True
    return first.low, first.high, about or first.vague


@dataclass(frozen=True, slots=True)
class _Quantity:
    low: Decimal
    high: Decimal
    unit: Decimal
    vague: bool
    bare: bool

    def __bool__(self) -> bool:
        return self.unit > 0


def _quantity(text: str) -> _Quantity:
    text = text.strip().lower()
    if not text:
        return _Quantity(Decimal(0), Decimal(0), Decimal(0), False, False)
    if text[0] in "数几" or re.match("tens|hundreds|several|multi", text):
        unit = _magnitude(text)
        return _Quantity(unit, unit * 10, unit, True, False)
    if text[0] in "十百千万亿":
        unit = _chinese(text)
        return _Quantity(unit, unit * 10, unit, True, True)
    if not text[0].isdigit():
        value = _chinese(text)
        return _Quantity(
            value, value, Decimal(10) ** max(value.adjusted(), 0) if len(text) > 1 else Decimal(1), False, False
        )
    return _arabic(text)


def _arabic(text: str) -> _Quantity:
    total, unit = Decimal(0), Decimal(0)
    for number, chinese, word in re.findall(rf"({_NUMBER})\s?(?:([十百千多余万亿]+)|([a-z]+))?", text):
        step = Decimal(10) ** (sum(_TENS.get(char, 0) for char in chinese) + _ENGLISH.get(word, 0))
        total += Decimal(number.replace(",", "")) * step
        unit = unit or step
    return _Quantity(total, total, unit, False, False)


def _magnitude(text: str) -> Decimal:
    """数千万 → 10 million, tens of millions → 10 million, several million → 1 million."""
    power = sum(_TENS.get(char, 0) for char in text)
    for word, step in (("tens", 1), ("hundreds", 2), ("thousand", 3), ("million", 6), ("billion", 9)):
        power += step if word in text else 0
    return Decimal(10) ** power


def _chinese(text: str) -> Decimal:
    """三千五百万 → 35000000. A unit without a digit before it counts once: 千万 → 10000000."""
    total = section = 0
    digit: int | None = None
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _TENS[char] < 4:
            section += (1 if digit is None else digit) * 10 ** _TENS[char]
            digit = None
        else:
            whole = section + (digit or 0)
            above = total if total and total < 10 ** _TENS[char] else 0
            total = total - above + ((above + whole) or 1) * 10 ** _TENS[char]
            section, digit = 0, None
    return Decimal(total + section + (digit or 0))
