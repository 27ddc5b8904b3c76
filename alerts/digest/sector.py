"""What a digest needs to know of the sector. The room that can tell is not this one: the front door wires them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from alerts.digest.content import Item, Lang, Picture


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: its name, and its cumulative value at the end of two days."""

    key: str
    name: str
    before: int
    value: int


class Sector(Protocol):
    """The sector's numbers, events and charts. Days are civil days in Asia/Shanghai."""

    async def figures(self, before: date, as_of: date, lang: Lang) -> list[Figure]:
        """The key figures in the order in which they are shown."""
        ...

    async def events(self, start: date, end: date, lang: Lang, most: int) -> tuple[list[Item], int]:
        """What was detected from ``start`` to ``end``, newest first, and how much more there was than ``most``."""
        ...

    async def pictures(self, charts: Sequence[str], as_of: date, lang: Lang) -> list[Picture]:
        """The charts; one that cannot be drawn is left out."""
        ...
