"""When a receiver gets digests, and which: the table ``digest`` of a receiver."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from alerts.configuration import Strict
from alerts.digest.content import Lang

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CHARTS = ("certificates", "scenarios", "modalities", "pricing", "ipo")
Chart = Literal["certificates", "scenarios", "modalities", "pricing", "ipo"]


def _clock_time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text!r} is no time of day; write it as 08:30 (Asia/Shanghai)")
    return text


def _week_time(text: str) -> str:
    day, _, at = text.partition(" ")
    if day not in WEEKDAYS:
        raise ValueError(f"{text!r} names no weekday; write it as {WEEKDAYS[0]} 08:30 (Asia/Shanghai)")
    _clock_time(at)
    return text


class DigestSettings(Strict):
    """A daily digest, a weekly one, or both, at local times in Asia/Shanghai.

    A daily one covers the days since the last one, up to and with the day before; a weekly one the week (Monday to Sunday)
    before. ``days``: with ``workdays`` nothing is sent on a day that is free in China (make-up days are worked); what it
    would have told is in the next one. ``empty``: what becomes of a digest in which nothing happened.
    """

    daily: Annotated[str, AfterValidator(_clock_time)] | None = None
    weekly: Annotated[str, AfterValidator(_week_time)] | None = None
    days: Literal["every", "workdays"] = "every"
    empty: Literal["send", "skip"] = "send"
    lang: Lang = Lang.EN
    charts: tuple[Chart, ...] = ("certificates", "scenarios")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.daily is None and self.weekly is None:
            raise ValueError("give `daily` (such as 08:30), `weekly` (such as monday 08:30), or both")
        return self

    @property
    def daily_at(self) -> time | None:
        return time.fromisoformat(self.daily) if self.daily else None

    @property
    def weekly_at(self) -> tuple[int, time] | None:
        """The weekday (Monday is 0) and the time."""
        if self.weekly is None:
            return None
        day, _, at = self.weekly.partition(" ")
        return WEEKDAYS.index(day), time.fromisoformat(at)
