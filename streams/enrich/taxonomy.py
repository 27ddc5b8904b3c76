"""The taxonomy as a user edits it (``streams/registry/taxonomy.toml``), compiled for matching."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from streams.enrich import files
from streams.enrich.files import BadTaxonomy
from streams.enrich.needs import needs
from streams.enrich.normalise import Normal, simplified

SHADOW = "none"
"""The id of terms that only cover others: 肺炎支原体 is no 肺炎, 人工晶状体 is no 人工智能."""
_WORD = re.compile(r"[0-9a-z]")
KEYS = frozenset({"terms", "patterns", "when"})
"""What a table may have. ``when``: its patterns are tried only on a text with one of these words, for speed."""
ENDINGS = ("device", "likely")
"""The axes whose terms are endings of a title, asked by `Taxonomy.ending` and looked for nowhere else."""


class Hit(NamedTuple):
    """A term of the taxonomy in a text: ``[start, end)`` of the normal text."""

    axis: str
    id: str
    start: int
    end: int

    @property
    def rule(self) -> str:
        """The name that evidence carries."""
        return f"{self.axis}.{self.id}"


class Taxonomy:
    """Terms by axis and id. Literal terms are found by one automaton, patterns by one expression for each id."""

    def __init__(self, tables: dict[str, dict[str, dict[str, list[str]]]]) -> None:
        owners: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._patterns: list[tuple[str, str, re.Pattern[str]]] = []
        self._always = 0
        gates: dict[str, int] = defaultdict(int)
        self._endings: dict[str, dict[str, str]] = {axis: {} for axis in ENDINGS}
        for axis, ids in tables.items():
            for name, table in ids.items():
                _check(axis, name, table)
                if axis in self._endings:
                    self._add_endings(axis, name, table)
                    continue
                for term in table.get("terms", []):
                    owners[simplified(term).lower()].append((axis, name))
                if patterns := table.get("patterns"):
                    compiled = re.compile("|".join(f"(?:{p})" for p in patterns))
                    words = table.get("when") or next(iter(needs(compiled)), ())
                    self._always |= 0 if words else 1 << len(self._patterns)
                    for word in words:
                        gates[word] |= 1 << len(self._patterns)
                    self._patterns.append((axis, name, compiled))
        self._terms = list({**owners, **gates})
        self._owners = [tuple(owners.get(term, ())) for term in self._terms]
        self._gates = [gates.get(term, 0) for term in self._terms]
        self._left = [bool(_WORD.match(term[0])) for term in self._terms]
        self._right = [bool(_WORD.match(term[-1])) for term in self._terms]
        self._latin = [left or right for left, right in zip(self._left, self._right, strict=True)]
        self._automaton = AhoCorasick(self._terms)
        self._reach = {axis: max(map(len, ends), default=0) for axis, ends in self._endings.items()}

    def _add_endings(self, axis: str, name: str, table: dict[str, list[str]]) -> None:
        for term in table.get("terms", []):
            if self._endings[axis].setdefault(simplified(term).lower(), name) != name:
                raise BadTaxonomy(f"taxonomy.toml, [{axis}.{name}]: {term!r} stands in another table of {axis} too")

    def ids(self) -> set[tuple[str, str]]:
        """Every axis and id that has words."""
        return {owner for owners in self._owners for owner in owners} | {
            (axis, name) for axis, name, _ in self._patterns
        }

    def find(self, normal: Normal) -> dict[str, list[Hit]]:
        """Every hit by axis, in the order of the text; within one axis the longest of overlapping hits stands alone."""
        text = normal.text
        found: dict[str, list[Hit]] = defaultdict(list)
        may, gates, owned, latin = self._always, self._gates, self._owners, self._latin
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            may |= gates[index]
            if (owners := owned[index]) and not (latin[index] and not self._whole(text, index, start, end)):
                for axis, name in owners:
                    found[axis].append(Hit(axis, name, start, end))
        for at, (axis, name, pattern) in enumerate(self._patterns):
            if may >> at & 1:
                for m in pattern.finditer(text):
                    if m.end() > m.start():
                        found[axis].append(Hit(axis, name, m.start(), m.end()))
        return {axis: _longest(hits) for axis, hits in found.items()}

    def ending(self, axis: str, text: str, end: int) -> Hit | None:
        """The longest ending of ``text[:end]`` among the terms of ``axis``; None for none, or where the id is "none".

        A Latin one must be whole words.
        """
        ends = self._endings[axis]
        for start in range(max(0, end - self._reach[axis]), end):
            name = ends.get(text[start:end])
            if name and not (start and _WORD.match(text[start]) and _WORD.match(text[start - 1])):
                return Hit(axis, name, start, end) if name != SHADOW else None
        return None

    def _whole(self, text: str, index: int, start: int, end: int) -> bool:
        """Whether a Latin term stands as words of its own: ``ct`` is not in ``contact``."""
        if self._left[index] and start > 0 and _WORD.match(text[start - 1]):
            return False
        return not (self._right[index] and end < len(text) and _WORD.match(text[end]))


def _check(axis: str, name: str, table: dict[str, list[str]]) -> None:
    if unknown := set(table) - KEYS:
        raise BadTaxonomy(f"taxonomy.toml, [{axis}.{name}]: unknown key {sorted(unknown)[0]!r}")
    if not all(table.get("terms", ["-"])):
        raise BadTaxonomy(f"taxonomy.toml, [{axis}.{name}]: an empty term would match everywhere")


def _longest(hits: list[Hit]) -> list[Hit]:
    """Only hits that overlap are weighed against one another, in groups that overlap no other."""
    hits.sort(key=_by_start)
    kept: list[Hit] = []
    group: list[Hit] = []
    end = -1
    for hit in hits:
        if hit.start >= end and group:
            kept += group if len(group) == 1 else _weighed(group)
            group = []
        group.append(hit)
        end = max(end, hit.end)
    kept += group if len(group) == 1 else _weighed(group)
    return [hit for hit in kept if hit.id != SHADOW]


def _by_start(hit: Hit) -> tuple[int, int]:
    return hit.start, hit.end


def _weighed(hits: list[Hit]) -> list[Hit]:
    covered: dict[int, str] = {}
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        places = range(hit.start, hit.end)
        new = [at for at in places if at not in covered]
        if new and all(covered.get(at, hit.id) == hit.id for at in places):
            covered.update(dict.fromkeys(places, hit.id))
            kept.append(hit)
    return sorted(kept, key=_by_start)


def taxonomy() -> Taxonomy:
    """The compiled taxonomy that is in use. Raises `BadTaxonomy`, and OSError where the file is missing."""
    return _compiled(files.path("taxonomy"))


@cache
def _compiled(path: Path) -> Taxonomy:
    try:
        return Taxonomy(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, re.error) as error:
        raise BadTaxonomy(f"{path}: {error}: see `medpulse registry check {path}`") from error


files.forgets(_compiled.cache_clear)
