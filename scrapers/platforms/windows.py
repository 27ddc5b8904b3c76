"""Windows that a notice opens, as its text states them: until when comments are taken, from when to when a list is public.

A day without its year is no date here; a window that ends in an earlier month than it begins ends in the following year.
"""

from __future__ import annotations

import re
from datetime import date

from scrapers.text import clean

_SEP = r"\s*(?:月|[-/.])\s*"
_YEAR = r"(?P<{0}y>(?:19|20)\d\d)\s*(?:年|[-/.])\s*"
_MONTH_DAY = r"(?P<{0}m>\d{{1,2}})" + _SEP + r"(?P<{0}d>\d{{1,2}})(?!\d)\s*日?"
_DAY = _YEAR + _MONTH_DAY
_HOUR = r"\s*(?:\d{1,2}\s*(?:[:：]\d\d|时|点))?"
_DASH = r"\s*起?\s*(?:至|到|—+|–|--?|~|～)\s*"
_WINDOW = re.compile(_DAY.format("a") + _DASH + f"(?:{_YEAR.format('b')})?" + _MONTH_DAY.format("b"))
_DEADLINES = (
    re.compile(r"(?:截止|截至|结束)(?:时间|日期|日)?\s*(?:为|是|至|到|于)?\s*[:：]?\s*" + _DAY.format("a")),
    re.compile(_DAY.format("a") + _HOUR + r"\s*(?:\([^)]*\)|（[^）]*）)?\s*(?:之?前|以前|止|截止)"),
)
_COMMENT = re.compile(r"[征徵]求|征询|求意[见見]|反馈|反饋|意[见見]")
_CALL = re.compile(r"(?:[征徵]求|征询).{0,80}?意[见見]|[征徵]求意[见見]|反馈意见|意见反馈", re.DOTALL)
_PUBLICITY = re.compile(r"公\s*示\s*(?:时\s*间|期\s*限|期|日\s*期)\s*(?:为|自|从)?\s*[::]?\s*(?:自|从)?\s*")
_NEAR = 12  # characters between the label and its dates
_STOP = re.compile(r"[。；，\n]")


def comments_close(title: str, body: str) -> str:
    """The last day on which comments are taken (``YYYY-MM-DD``); empty where the text asks for none or states no day."""
    text = clean(body)
    if not _CALL.search(title + "\n" + text):
        return ""
    for deadline in _DEADLINES:
        for found in deadline.finditer(text):
            if (day := _day(found, "a")) and (
                deadline is _DEADLINES[0] or _COMMENT.search(_sentence(text, found.start()))
            ):
                return day.isoformat()
    windows = (w for m in _WINDOW.finditer(text) if _COMMENT.search(_sentence(text, m.start())) and (w := _pair(m)))
    return _iso(next((end for _, end in windows), None))


def publicity(body: str) -> tuple[str, str]:
    """The first and last day of a publicity window (``YYYY-MM-DD``); two empty strings where the text states none."""
    text = clean(body)
    for label in _PUBLICITY.finditer(text):
        found = _WINDOW.search(text, label.end(), label.end() + 80)
        between = text[label.end() : found.start()] if found else ""
        if found and len(between) <= _NEAR and not _STOP.search(between) and (pair := _pair(found)):
            return _iso(pair[0]), _iso(pair[1])
    return "", ""


def _pair(found: re.Match[str]) -> tuple[date, date] | None:
    start = _day(found, "a")
    if start is None:
        return None
    year = int(found["by"]) if found["by"] else start.year
    if not found["by"] and int(found["bm"]) < start.month:
        year += 1
    end = _date(year, int(found["bm"]), int(found["bd"]))
    return (start, end) if end and start <= end else None


def _day(found: re.Match[str], group: str) -> date | None:
    if found[f"{group}y"] is None:
        return None
    return _date(*(int(found[group + part]) for part in "ymd"))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _sentence(text: str, at: int) -> str:
    """The sentence around a place of the text."""
    start = max(text.rfind(mark, 0, at) for mark in "。\n")
    end = min((p for mark in "。\n" if (p := text.find(mark, at)) >= 0), default=len(text))
    return text[start + 1 : end]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
