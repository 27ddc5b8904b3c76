"""One spelling for matching: NFKC, lower case, simplified characters, with the way back to the original text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import opencc

from streams.enrich.memo import remembered

HAN = re.compile("[\u4e00-\u9fff]")
"""A Chinese character."""
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])[ \t\u3000]+(?=[\u4e00-\u9fff])")
_KEPT = frozenset("乾瞭著藉")
"""Characters whose simplified form depends on the word (乾 in names, 藉 in 藉由): a character table may not touch them."""


@dataclass(frozen=True, slots=True)
class Normal:
    """A text made ready for matching.

    ``text`` is in lower case, ``cased`` has the same length with the case kept. ``origins[i]`` is where character ``i`` came
    from in the original; it is None where positions did not change.
    """

    text: str
    cased: str
    origins: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span ``[start, end)`` of the normal text as a span of the original text."""
        if self.origins is None or start >= end:
            return start, max(start, end)
        return self.origins[start], self.origins[end - 1] + 1


@cache
def _simplified() -> dict[int, str]:
    """Traditional → simplified, one character for one, from OpenCC's own table."""
    table: dict[int, str] = {}
    source = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    for line in source.read_text(encoding="utf-8").splitlines():
        old, _, new = line.partition("\t")
        first = new.split(" ")[0]
        if len(old) == 1 and len(first) == 1 and old not in _KEPT:
            table[ord(old)] = first
    return table


@lru_cache(maxsize=8192)
def _lower(char: str) -> str:
    lower = char.lower()
    return lower if len(lower) == 1 else char


class _Compat(dict[int, str]):
    """NFKC of single characters, worked out when first met."""

    def __missing__(self, code: int) -> str:
        self[code] = plain = unicodedata.normalize("NFKC", chr(code))
        return plain


_COMPAT = _Compat()


@remembered(16_384)
def simplified(text: str) -> str:
    """NFKC and simplified characters; case kept."""
    return unicodedata.normalize("NFKC", text).translate(_simplified())


def normal(text: str) -> Normal:
    """The text made ready for matching. Blanks between two Chinese characters (申 请 人) are left out. Never raises."""
    origins: tuple[int, ...] | None = None
    if not unicodedata.is_normalized("NFKC", text):
        plain = text.translate(_COMPAT)
        if len(plain) != len(text):  # else each character became one, for none becomes nothing
            origins = tuple(at for at, char in enumerate(text) for _ in _COMPAT[ord(char)])
        text = plain
    if _GAP.search(text):
        drop = {at for gap in _GAP.finditer(text) for at in range(*gap.span())}
        kept = [at for at in range(len(text)) if at not in drop]
        origins = tuple(kept) if origins is None else tuple(origins[at] for at in kept)
        text = "".join(text[at] for at in kept)
    cased = text.translate(_simplified())
    lower = cased.lower()
    if len(lower) != len(cased):
        lower = "".join(map(_lower, cased))
    return Normal(lower, cased, origins)
