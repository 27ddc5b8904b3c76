"""What a digest says, as one value that is composed once, kept in Redis, and shown by each channel in its own way."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Base64Bytes, Field

from events.base import Message, Severity


class Period(StrEnum):
    """How much time a digest covers."""

    DAILY = "daily"
    WEEKLY = "weekly"


class Lang(StrEnum):
    """The languages of a digest."""

    EN = "en"
    ZH = "zh"


class Line(Message):
    """A key figure at the end of the period: its name, its value, and how it changed since the last digest."""

    name: str
    value: int
    change: int


class Item(Message):
    """Something that happened, or an alert that was raised. ``kind``: the name of its type for people."""

    kind: str
    title: str
    detail: str = ""
    url: str | None = None
    day: str = ""
    severity: Severity | None = None
    illustrative: bool = False


class Picture(Message):
    """A chart: its id, its title, what it shows in words, and the PNG. ``width`` is in CSS pixels."""

    id: str
    title: str
    alt: str
    width: Annotated[int, Field(gt=0)]
    png: Base64Bytes


class Digest(Message):
    """A digest for one receiver. ``start`` and ``end`` are civil days in Asia/Shanghai, both included.

    ``more`` counts the items of the period that found no room in ``items``; ``alerts`` are those that were raised in it.
    """

    id: str
    period: Period
    lang: Lang
    start: date
    end: date
    lines: tuple[Line, ...] = ()
    items: tuple[Item, ...] = ()
    more: int = 0
    alerts: tuple[Item, ...] = ()
    more_alerts: int = 0
    pictures: tuple[Picture, ...] = ()
    board: str | None = None
    illustrative: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing happened: no item, no alert, no figure that changed."""
        return not (self.items or self.alerts or any(line.change for line in self.lines))
