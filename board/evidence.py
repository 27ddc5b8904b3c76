"""The evidence of labels in the text that they were read from, and what changed between two versions. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from events.base import Money
from events.labels import Evidence

MOST_LINES = 2000
CONTEXT = 2
UNSAID = frozenset({"detected_at", "generation", "labels", "revision", "retracted", "notice_id"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the labels that it is the evidence of."""

    text: str
    labels: tuple[str, ...]


def pieces(text: str, evidence: Sequence[Evidence]) -> list[Piece]:
    """The text cut where evidence begins and ends. Spans that do not lie in the text are left out."""
    spans = [one for one in evidence if 0 <= one.start < one.end <= len(text)]
    cuts = sorted({0, len(text), *(one.start for one in spans), *(one.end for one in spans)})
    made = []
    for start, end in pairwise(cuts):
        labels = dict.fromkeys(one.label for one in spans if one.start <= start and end <= one.end)
        made.append(Piece(text[start:end], tuple(labels)))
    return made


def quoted(text: str, one: Evidence) -> str:
    """What a piece of evidence says; empty where it does not lie in the text."""
    return text[one.start : one.end] if 0 <= one.start < one.end <= len(text) else ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that another version states otherwise; a text is empty where it was not stated."""

    field: str
    before: str
    after: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What a later version of an event says otherwise, field by field."""
    return [
        Change(name, told(before.get(name)), told(after.get(name)))
        for name in dict.fromkeys((*before, *after))
        if name not in UNSAID and before.get(name) != after.get(name)
    ]


def told(value: Any) -> str:
    """A value of an event for people: the name of a company, an amount, a list of either."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        if "name" in value:
            return str(value["name"])
        if "minor" in value:
            return Money.model_validate(value).text
        return "; ".join(f"{name}: {told(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(told, value))
    return str(value)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison: ``same``, ``gone``, ``new`` or ``skip`` where equal lines are left out."""

    kind: str
    text: str


def compared(before: str, after: str) -> list[Line]:
    """Two texts line by line, with some equal lines around each change."""
    return list(_lines(before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES]))


def _lines(before: list[str], after: list[str]) -> Iterator[Line]:
    for i, group in enumerate(
        difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT)
    ):
        if i:
            yield Line("skip", "")
        for what, a, b, c, d in group:
            if what == "equal":
                yield from (Line("same", line) for line in before[a:b])
            else:
                yield from (Line("gone", line) for line in before[a:b])
                yield from (Line("new", line) for line in after[c:d])
