"""The lines of a document in one spelling: NFKC, simplified characters, plain digits for dates, one minus, tight brackets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from events.notice import AttachmentPage
from streams.enrich.normalise import simplified

_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0", "O": "0"}
_YEAR = re.compile(r"[零一二三四五六七八九〇○O]{4}(?=年)")
_MONTH_DAY = re.compile(r"([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日")
_MONTH = re.compile(r"(?<=年)([一二三四五六七八九十]{1,2})(?=月)")
_MINUS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "―": "-", "﹣": "-", "’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "╱": "/"}
)
_OPEN, _CLOSE = re.compile(r"\(\s+"), re.compile(r"\s+\)")
_PAGE_NUMBER = re.compile(r"^(?!.*20\d\d)[-\s\d/.|第共页ofpageivxlc]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the number of its page, its text as printed and in one spelling."""

    page: int
    raw: str
    text: str


def tidy(text: str) -> str:
    """``text`` in one spelling."""
    plain = simplified(text).translate(_MINUS)
    plain = _YEAR.sub(lambda m: "".join(_DIGITS[c] for c in m[0]), plain)
    plain = _MONTH_DAY.sub(lambda m: f"{_small(m[1])}月{_small(m[2])}日", plain)
    plain = _MONTH.sub(lambda m: str(_small(m[1])), plain)
    return _CLOSE.sub(")", _OPEN.sub("(", " ".join(plain.split())))


def _small(text: str) -> int:
    """二十一 → 21."""
    tens, ten, ones = text.rpartition("十")
    digits = {char: int(value) for char, value in _DIGITS.items()}
    return (digits.get(tens, 1) * 10 if ten else 0) + digits.get(ones, 0)


def lines(pages: Sequence[AttachmentPage]) -> list[Line]:
    """The lines of the pages in their order, without running heads and page numbers."""
    split = [(page.number, [raw for raw in page.text.split("\n") if raw.strip()]) for page in pages]
    heads = _repeated(rows[:2] for _, rows in split) | _repeated(rows[-2:] for _, rows in split)
    return [
        Line(number, raw, text)
        for number, rows in split
        for at, raw in enumerate(rows)
        for text in [tidy(raw)]
        if text and not _PAGE_NUMBER.match(text) and not (raw in heads and (at < 2 or at >= len(rows) - 2))
    ]


def _repeated(edges: Iterable[Sequence[str]]) -> set[str]:
    """What stands at the edge of several pages: a running head. Heads of tables, which have numbers, may be repeated."""
    counted = Counter(line for edge in edges for line in set(edge))
    return {line for line, n in counted.items() if n > 1 and (re.search(r"[\u4e00-\u9fff]{4}|[A-Za-z]{4}", line))
            and not _TABLE_HEAD.search(tidy(line))}  # fmt: skip


_TABLE_HEAD = re.compile(
    r"单位|元$|(?:RMB|US\$|HK\$)'?0|^项目|月\d+日止|months ended|year ended|^(?:于|as at)", re.IGNORECASE
)


def chapters(found: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines in stretches of pages that follow one another; between two, pages were left out."""
    numbered = enumerate(sorted({line.page for line in found}))
    stretch = {page: page - at for at, page in numbered}
    for _, some in groupby(found, key=lambda line: stretch[line.page]):
        yield list(some)
