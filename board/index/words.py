"""Text cut for searching: Chinese into pairs of characters, other scripts into words. Pure.

Simplified and traditional spellings, full and half width and letter case are one. ``肺结节CT`` becomes ``肺结 结节 节 ct``: the
last character of a run stands alone too, so that a single character is found at any place by a prefix.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

LONGEST = 20_000
MOST_TERMS = 12
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUNS = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")
_PLACES = (*range(0x20000), *range(0xE0000, 0xE1000))
"""Where Unicode has characters of the category Cf (format)."""

_IS_HAN = re.compile(f"[{_HAN}]")


@cache
def _plain() -> dict[int, str | None]:
    """Traditional character → its simplified form, from the table of OpenCC; a character that cannot be seen → None."""
    table = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if "\t" in line)
    table_of: dict[int, str | None] = {ord(old): new.split()[0] for old, new in pairs if len(old) == 1}
    unseen = (code for code in _PLACES if unicodedata.category(chr(code)) == "Cf")
    return table_of | dict.fromkeys(unseen)


def folded(text: str) -> str:
    """Text in the form in which it is compared."""
    return unicodedata.normalize("NFKC", text[:LONGEST]).casefold().translate(_plain())


def tokens(text: str) -> str:
    """What is indexed of a text: tokens divided by spaces."""
    found: list[str] = []
    for run in _RUNS.findall(folded(text)):
        if _IS_HAN.match(run):
            found += [run[i : i + 2] for i in range(len(run))]
        else:
            found.append(run)
    return " ".join(found)


def query(asked: str) -> str:
    """The FTS5 expression for what a person typed: every term must be there, the last letters of a word may be missing.

    Empty where there is nothing to search for. Nothing that was typed is an operator.
    """
    parts: list[str] = []
    for run in _RUNS.findall(folded(asked))[:MOST_TERMS]:
        if not _IS_HAN.match(run) or len(run) == 1:
            parts.append(f'"{run}"*')
        else:
            parts.append('"' + " ".join(run[i : i + 2] for i in range(len(run) - 1)) + '"')
    return " ".join(parts)
