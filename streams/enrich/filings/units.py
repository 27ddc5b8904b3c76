"""Units and currencies as heads of tables state them, and cells that hold numbers. Exact decimals, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from events.base import minor_digits

_CURRENCY = {
    "CNY": r"人民币|RMB|CNY|Renminbi",
    "HKD": r"HK\s?\$|HKD|港元|港币|港|Hong Kong dollars?",
    "USD": r"US\s?\$|USD|美元|美金|US dollars?|U\.S\. dollars?",
}
_CUR = "(?:" + "|".join(f"(?P<{code}>{pattern})" for code, pattern in _CURRENCY.items()) + ")"
_SIZES = {"千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "": 0}
_ENGLISH = {
    "'000": 3,
    "thousands": 3,
    "thousand": 3,
    "millions": 6,
    "million": 6,
    "mn": 6,
    "m": 6,
    "": 0,
    "'million": 6,
    "billion": 9,
}
_UNIT = re.compile(
    rf"(?P<in>\(?(?:expressed |stated |amounts )?in (?:(?P<word1>thousands|millions) of )?(?:{_CUR.replace('?P<', '?P<i')})(?:\s?(?P<word2>'000|thousands?|millions?)| in (?P<word3>thousands|millions))?\)?)"  # noqa: E501
    rf"|(?P<en>{_CUR.replace('?P<', '?P<e')}(?:\s?(?P<word>'000|'million|millions?|thousands?|billion|mn|m)(?![a-z])| in (?P<word4>thousands|millions))(?:,? except[\w ,]*)?)"  # noqa: E501
    rf"|(?P<zh>(?P<label>单位[::]\s?)?(?:{_CUR.replace('?P<', '?P<z')})?\s?(?P<size>千万|百万|十万|千|万|亿)?元(?![\u4e00-\u9fff]))"  # noqa: E501
    rf"|(?P<percent>%)",
    re.IGNORECASE,
)


_APART = re.compile(r"币种[::]?\s?(人民币|港[元币]|美元)")


@dataclass(frozen=True, slots=True)
class Unit:
    """What one stands for: ``scale`` powers of ten of the major unit of ``currency``; None where no currency is named."""

    scale: int
    currency: str | None

    def minor(self, number: Decimal) -> int | None:
        """``number`` of this unit in minor units; None where that is no whole number."""
        exact = number * Decimal(10) ** (self.scale + (2 if self.currency is None else minor_digits(self.currency)))
        return int(exact) if exact == exact.to_integral_value() else None


PERCENT = Unit(-2, None)
"""The unit of a column of shares."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A unit at ``[start, end)`` of a line."""

    unit: Unit
    start: int
    end: int


def found(text: str) -> list[Stated]:
    """Every unit that a line of a head states, per cent among them."""
    apart = _APART.search(text)
    stated = []
    for match in _UNIT.finditer(text):
        if unit := _unit(match):
            if apart and unit.currency is None and unit is not PERCENT:
                unit = Unit(unit.scale, _whole(apart[1]))
            stated.append(Stated(unit, match.start(), match.end()))
    return stated


def _whole(name: str) -> str | None:
    return next((code for code, pattern in _CURRENCY.items() if re.fullmatch(pattern, name, re.IGNORECASE)), None)


def _unit(m: re.Match[str]) -> Unit | None:
    if m["percent"]:
        return PERCENT
    if m["zh"]:
        return Unit(_SIZES[m["size"] or ""], _code(m, "z"))
    if m["en"]:
        return Unit(_ENGLISH[(m["word"] or m["word4"] or "").lower()], _code(m, "e"))
    if m["in"]:
        words = m["word1"] or m["word2"] or m["word3"]
        return Unit(_ENGLISH[words.lower()], _code(m, "i")) if words else None
    return None


def _code(m: re.Match[str], prefix: str) -> str | None:
    return next((code for code in _CURRENCY if m[f"{prefix}{code}"]), None)


_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_CELL = re.compile(
    rf"(?P<open>\()?(?P<minus>-)?(?:RMB|HK\$|US\$|¥|\$)?(?P<number>{_NUMBER})(?P<percent>%)?(?P<close>\))?(?P<late>%)?$"
)
_NOTHING = re.compile(r"^(?:-+|不适用|n/?a|nil|无|\*+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its number with its sign (None where it holds a dash), whether in brackets, whether a percentage."""

    text: str
    number: Decimal | None = None
    bracketed: bool = False
    percent: bool = False


def cell(text: str) -> Cell | None:
    """The cell that ``text`` is; None where it is a word."""
    if _NOTHING.match(text):
        return Cell(text)
    match = _CELL.match(text)
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    number = Decimal(match["number"].replace(",", ""))
    negative = bool(match["minus"] or match["open"])
    return Cell(text, -number if negative else number, bool(match["open"]), bool(match["percent"] or match["late"]))


def cells(text: str) -> tuple[str, list[Cell]]:
    """The label of a row and its cells: the words at the end of the line that are numbers or dashes."""
    words, row = text.split(" "), list[Cell]()
    while words and (one := cell(words[-1])):
        row.insert(0, one)
        words.pop()
    return " ".join(words), row
