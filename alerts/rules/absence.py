"""Absence rules: nothing of a kind for longer than its rhythm, or than a length that is given."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from alerts.durations import Seconds
from alerts.rules.base import VALUES
from alerts.rules.event import Conditions


class AbsenceRule(Conditions):
    """No event that meets the conditions for ``longer_than`` seconds.

    Where that is not given, the limit is learned: ``factor`` times the gap between two such events that nine of ten gaps do
    not exceed, once ``least`` of them were seen.
    """

    on: Literal["absence"]
    longer_than: Annotated[Seconds, Field(gt=0)] | None = None
    factor: Annotated[float, Field(ge=1)] = 3.0
    least: Annotated[int, Field(ge=3)] = 6

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.check_templates(VALUES | {"last": (), "gap": (), "limit": (), "count": ()})
        return self
