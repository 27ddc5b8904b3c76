"""Deadline rules: a comment period or a publicity window closes in so many days."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from alerts.rules.base import EVENT_TYPES, EVENT_VALUES
from alerts.rules.event import Conditions
from events.event import EventBase

FIELDS = ("comments_close", "window_end")
"""The last days that events state: of a draft's comment period, and of a publicity window."""


class DeadlineRule(Conditions):
    """Told once for each of ``days`` before the last day of an event that meets the conditions, at ``at`` in Shanghai.

    Of several that have passed when the event is first seen, only the tightest is told.
    """

    on: Literal["deadline"]
    days: Annotated[tuple[Annotated[int, Field(ge=0, le=365)], ...], Field(min_length=1)] = (7, 1)
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.happens_once()
        for name in self.types:
            if not set(FIELDS) & set(EVENT_TYPES[name].model_fields):
                raise ValueError(f"`types`: an event of type {name} states no deadline")
        self.check_templates(EVENT_VALUES | {"event": self._fields_of_events(), "deadline": (), "days_left": ()})
        return self


def deadline_of(event: EventBase) -> date | None:
    """The last day that the event states; None where it states none."""
    found = (getattr(event, name, None) for name in FIELDS)
    return next((day for day in found if isinstance(day, date)), None)
