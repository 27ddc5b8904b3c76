"""Percentages as numbers: 12.5%, 10%-15%, 百分之五十三, 3个百分点, 12 per cent. Exact decimals, never a float.

Pure, for any text in one spelling (NFKC, simplified characters, any case). What they are of, `percent_of` reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_ZH = "[零〇一二两三四五六七八九十百]{1,7}(?:点[零〇一二三四五六七八九]{1,6})?"
_NUMBER = r"\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,9})?|\d{1,9}(?:\.\d{1,9})?"
_UNIT = r"%|个?百分点|percentage[ -]points?|pct(?![a-z])|ppts?(?![a-z])|per ?cent(?:age)?(?![a-z])"
_PERCENT = re.compile(
    rf"(?<![\d.,a-z])(?P<sign>(?<![\d)%])[+-])?(?P<first>{_NUMBER})\s?%?"
    rf"(?:\s?(?:-|–|—|~|至|到|to)\s?(?P<second>{_NUMBER}))?\s?(?P<unit>{_UNIT})"
    rf"|百分之(?P<zh>{_ZH})(?:(?:至|到)(?:百分之)?(?P<zh2>{_ZH}))?",
    re.IGNORECASE,
)
_START = re.compile(r"(?:\bfrom|由|从)\s?$", re.IGNORECASE)
MAY = re.compile("%|百分|percent|per cent|pct|ppt")
"""What every percentage has: looked for first, because it is quick. Of a text in lower case."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A percentage as a number alone, at ``text[start:end]``: 10-15% has both ends, of one number they are the same."""

    low: Decimal
    high: Decimal
    points: bool
    start: int
    end: int
    signed: bool = False


def numerals(text: str) -> list[Numeral]:
    """Every percentage in ``text`` as a number, in order. Never raises."""
    return [found for match in _PERCENT.finditer(text) for found in _numerals(match)]


def _numerals(match: re.Match[str]) -> list[Numeral]:
    """One, but two where the text goes from the one to the other: 由10%至12% is no range."""
    found = _numeral(match)
    if (
        found is None
        or found.low == found.high
        or match["zh"]
        or not _START.search(match.string, max(0, match.start() - 8), match.start())
    ):
        return [found] if found else []
    first, second = (Decimal(match[name].replace(",", "")) for name in ("first", "second"))
    cut = match.start("second")
    between = match.string[match.end("first") : cut]
    end = match.end("first") + (between.index("%") + 1 if "%" in between else 0)
    return [
        Numeral(first, first, found.points, match.start(), end),
        Numeral(second, second, found.points, cut, match.end()),
    ]


def _numeral(match: re.Match[str]) -> Numeral | None:
    if match["zh"]:
        first, second = _chinese(match["zh"]), _chinese(match["zh2"] or match["zh"])
    else:
        first = Decimal(match["first"].replace(",", ""))
        second = Decimal((match["second"] or match["first"]).replace(",", ""))
    if first is None or second is None or (match["sign"] and match["second"]):
        return None
    if match["sign"] == "-":
        first = second = -first
    points = bool(match["unit"]) and bool(re.match("个?百分点|p(?:ercentage[ -]p|ct|pt)", match["unit"], re.IGNORECASE))
    return Numeral(min(first, second), max(first, second), points, *match.span(), signed=bool(match["sign"]))


def _chinese(text: str) -> Decimal | None:
    """五十三点二 → 53.2; None for what is no number (十百)."""
    whole, _, after = text.partition("点")
    total, digit = 0, None
    for char in whole:
        if char in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[char]
        else:
            step = 10 if char == "十" else 100
            if total and total < step:
                return None
            total += (1 if digit is None else digit) * step
            digit = None
    total += digit or 0
    return Decimal(f"{total}.{''.join(str(_DIGITS[char]) for char in after)}") if after else Decimal(total)
