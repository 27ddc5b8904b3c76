"""The weekly lists of supplementary requests for overseas listings: whose, how many, of which week (SITES.md, A.8)."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from scrapers.text import one_line
from scrapers.times import iso_day, parse_time

_LIST = re.compile(r"补充材料要求")
_WEEK = re.compile(
    r"(?P<start>(?:19|20)\d\d年\d{1,2}月\d{1,2}日)\s*[—–\-~至到]+\s*(?P<end>(?:(?:19|20)\d\d年)?\d{1,2}月\d{1,2}日)"
)
_NUMBERED = re.compile(r"^\s*(?P<seq>[一二三四五六七八九十百]{1,4}|\d{1,3})\s*[、.．]\s*(?P<said>.+)$")
_FIRM = re.compile(
    r"^[^。；：，]{2,60}?(?:公司|集团|控股|(?i:\b(?:inc|ltd|limited|corp(?:oration)?|company|holdings?|group)\b\.?))[^。；，]{0,20}$"
)
_QUESTION = re.compile(r"^\s*[(（]?\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:[、.．]|[)）])")


def week_of(title: str, zone: ZoneInfo) -> tuple[str, str]:
    """The first and last day that the title of a list states, ``YYYY-MM-DD``; empty where it states none."""
    found = _WEEK.search(one_line(title).replace(" ", ""))
    if found is None or not _LIST.search(title):
        return "", ""
    end = found["end"] if "年" in found["end"] else f"{found['start'][:4]}年{found['end']}"
    first, last = (iso_day(parse_time(day, zone), zone) for day in (found["start"], end))
    if first and last and last < first and "年" not in found["end"]:
        last = iso_day(parse_time(f"{int(found['start'][:4]) + 1}年{found['end']}", zone), zone)
    return first, last


def requests_of(title: str, body: str) -> tuple[dict[str, str], ...]:
    """The companies of a list, each with the number of requests that follow its name; none for any other text."""
    if not _LIST.search(title):
        return ()
    rows: list[dict[str, str]] = []
    counts: list[int] = []
    for line in body.split("\n"):
        if company := _company(line):
            rows.append(company)
            counts.append(0)
        elif rows and _QUESTION.match(line):
            counts[-1] += 1
    return tuple(row | ({"questions": str(n)} if n else {}) for row, n in zip(rows, counts, strict=True))


def _company(line: str) -> dict[str, str] | None:
    """The company of a line that is a heading: a number and a name, or a name alone."""
    numbered = _NUMBERED.match(line)
    said = one_line(numbered["said"] if numbered else line).strip(" :：")
    if not _FIRM.match(said) or said.startswith(("请", "关于", "以下", "根据")):
        return None
    return ({"seq": numbered["seq"]} if numbered else {}) | {"company": said}
