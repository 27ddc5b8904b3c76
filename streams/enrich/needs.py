"""Which expressions can match a text at all, told by one pass over it: most rules speak of words that most texts lack.

Of every expression the literals are worked out of which each match must hold at least one; one automaton looks for all
of them. An expression of which none can be told is always tried, so that nothing is ever missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]  # no public name; see `_tree`
from typing import Any

from ahocorasick_rs import AhoCorasick

_CLASS = 12
"""Characters of a class ([甲乙丙]) that are still listed one by one."""
_MOST = 400
"""Literals of one expression: more would cost more to look for than they save."""
Words = frozenset[str]


def needs(pattern: re.Pattern[str]) -> Words:
    """Literals of which every match of ``pattern`` holds at least one; none where that cannot be told.

    >>> sorted(needs(re.compile("(?:召回|注销)[^。]{2,9}公告")))
    ['公告']
    """
    if pattern.flags & re.IGNORECASE:
        return frozenset()
    found = _of(_tree(pattern.pattern))
    return found if found and len(found) <= _MOST else frozenset()


def _tree(pattern: str) -> Sequence[Any]:
    """The expression as Python itself reads it: ``sre_parse`` until 3.10, a private name of ``re`` since."""
    return re._parser.parse(pattern)  # type: ignore[attr-defined,no-any-return]


def _of(items: Sequence[Any]) -> Words | None:
    """The best of what the items of a sequence need: its runs of letters, and what each of its parts needs."""
    told: list[Words] = []
    run = ""
    for code, argument in items:
        if code is codes.LITERAL:
            run += chr(argument)
            continue
        if run:
            told.append(frozenset((run,)))
            run = ""
        if words := _part(code, argument):
            told.append(words)
    if run:
        told.append(frozenset((run,)))
    return max(told, key=_worth, default=None)


def _worth(words: Words) -> tuple[bool, int, int]:
    return min(map(len, words)) > 1, -len(words), min(map(len, words))


def _part(code: Any, argument: Any) -> Words | None:
    if code is codes.SUBPATTERN:
        return _of(argument[3])
    if code is codes.ATOMIC_GROUP:
        return _of(argument)
    if code is codes.BRANCH:
        parts = [_of(branch) for branch in argument[1]]
        return frozenset(word for part in parts if part for word in part) if all(parts) else None
    if code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
        return _of(argument[2]) if argument[0] else None
    if code is codes.ASSERT:
        return _of(argument[1])
    return _listed(argument) if code is codes.IN else None


def _listed(members: Sequence[Any]) -> Words | None:
    found: set[str] = set()
    for code, argument in members:
        if code is codes.LITERAL:
            found.add(chr(argument))
        elif code is codes.RANGE and argument[1] - argument[0] < _CLASS:
            found.update(map(chr, range(argument[0], argument[1] + 1)))
        else:
            return None
    return frozenset(found) if found and len(found) <= _CLASS else None


@dataclass(frozen=True, slots=True)
class Gated:
    """An expression that is tried only where ``may`` (`Gate.may` of the text, or of one that holds it) has its bit."""

    pattern: re.Pattern[str]
    bit: int

    def search(self, text: str, may: int) -> re.Match[str] | None:
        """`re.Pattern.search`."""
        return self.pattern.search(text) if may & self.bit else None

    def match(self, text: str, may: int) -> re.Match[str] | None:
        """`re.Pattern.match`."""
        return self.pattern.match(text) if may & self.bit else None

    def finditer(self, text: str, may: int) -> Iterable[re.Match[str]]:
        """`re.Pattern.finditer`."""
        return self.pattern.finditer(text) if may & self.bit else ()


ALL = -1
"""Every bit: nothing is known of the text."""


class Gate:
    """Some expressions, and which of them can match in a text."""

    def __init__(self, patterns: Iterable[re.Pattern[str]]) -> None:
        self.gated: list[Gated] = []
        self._always = 0
        masks: dict[str, int] = {}
        for at, pattern in enumerate(patterns):
            self.gated.append(Gated(pattern, 1 << at))
            words = needs(pattern)
            if not words:
                self._always |= 1 << at
            for word in words:
                masks[word] = masks.get(word, 0) | 1 << at
        self._masks = list(masks.values())
        self._automaton = AhoCorasick(list(masks))

    def may(self, text: str) -> int:
        """The bits of the expressions that can match somewhere in ``text`` or in a part of it."""
        found, masks = self._always, self._masks
        for index, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            found |= masks[index]
        return found
