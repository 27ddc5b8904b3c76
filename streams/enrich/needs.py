"""Which expressions can match a text at all, told by one pass over it: most rules speak of words that most texts lack.

Of every expression the literals are worked out of which each match must hold at least one; one automaton looks for all
of them. An expression of which none can be told is always tried, so that nothing is ever missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]  # no public name, see `_tree`
from re import _parser as reader  # type: ignore[attr-defined]
from typing import Any

from ahocorasick_rs import AhoCorasick

_CLASS = 12
"""Characters of a class ([甲乙丙]) that are still listed one by one."""
_MOST = 400
"""Literals of one expression: more would cost more to look for than they save."""
_SETS = 3
"""Sets that are asked of one expression."""
Words = frozenset[str]


def needs(pattern: re.Pattern[str]) -> tuple[Words, ...]:
    """Sets of literals, the rarest first: every match of ``pattern`` holds at least one of each. Empty: none can be told.

    A line feed is never among them: `negation` puts one where the word stood that a phrase is about.

    >>> [sorted(words) for words in needs(re.compile("(?:召回|注销)[^。]{2,9}公告"))]
    [['公告'], ['召回', '注销']]
    """
    if pattern.flags & re.IGNORECASE:
        return ()
    told = sorted(_all(_tree(pattern)), key=_worth, reverse=True)
    return tuple(words for words in told if len(words) <= _MOST and not any("\n" in word for word in words))[:_SETS]


def _tree(pattern: re.Pattern[str]) -> Sequence[Any]:
    """The expression as Python itself reads it: public as ``sre_parse`` until 3.10, by a private name of ``re`` since."""
    return reader.parse(pattern.pattern, pattern.flags)  # type: ignore[no-any-return]


def _of(items: Sequence[Any]) -> Words | None:
    """The rarest of what a sequence needs; None where none can be told."""
    return max(_all(items), key=_worth, default=None)


def _all(items: Sequence[Any]) -> list[Words]:
    """What the items of a sequence need: its runs of letters, and what each of its parts needs."""
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
    return told


def _worth(words: Words) -> tuple[bool, int, int]:
    return min(map(len, words)) > 1, -len(words), min(map(len, words))


def _part(code: Any, argument: Any) -> Words | None:
    if code is codes.SUBPATTERN:
        _, added, _, items = argument
        return None if added & re.IGNORECASE else _of(items)
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
    """An expression that is tried only where ``may`` (`Gate.may` of the text, or of one that holds it) has all its bits."""

    pattern: re.Pattern[str]
    bits: int

    def can(self, may: int) -> bool:
        """Whether it can match."""
        return may & self.bits == self.bits

    def search(self, text: str, may: int) -> re.Match[str] | None:
        """`re.Pattern.search`."""
        return self.pattern.search(text) if may & self.bits == self.bits else None

    def match(self, text: str, may: int) -> re.Match[str] | None:
        """`re.Pattern.match`."""
        return self.pattern.match(text) if may & self.bits == self.bits else None

    def finditer(self, text: str, may: int) -> Iterable[re.Match[str]]:
        """`re.Pattern.finditer`."""
        return self.pattern.finditer(text) if may & self.bits == self.bits else ()


ALL = -1
"""Every bit: nothing is known of the text."""


class Gate:
    """Some expressions, and which of them can match in a text."""

    def __init__(self, patterns: Iterable[re.Pattern[str]] = ()) -> None:
        self._bits: dict[str, int] = {}
        self._next = 1
        self._ready: tuple[AhoCorasick, list[int]] | None = None
        self.gated = [self.of(pattern) for pattern in patterns]

    def of(self, pattern: re.Pattern[str]) -> Gated:
        """One more expression, to be asked with what `may` says from now on."""
        bits = 0
        for words in needs(pattern):
            for word in words:
                self._bits[word] = self._bits.get(word, 0) | self._next
            bits |= self._next
            self._next <<= 1
        self._ready = None
        return Gated(pattern, bits)

    def may(self, text: str) -> int:
        """What ``text`` holds: for `Gated`, and for every part of ``text`` as well."""
        if self._ready is None:
            self._ready = AhoCorasick(list(self._bits)), list(self._bits.values())
        automaton, masks = self._ready
        found = 0
        for index, _, _ in automaton.find_matches_as_indexes(text, overlapping=True):
            found |= masks[index]
        return found
