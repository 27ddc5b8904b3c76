"""Source-health rules: a source that fails, or is quiet for longer than its rhythm."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from alerts.rules.base import VALUES, RuleBase
from events.messages import HealthState, Outcome, SourceHealth


class HealthRule(RuleBase):
    """A source is in one of ``states``: told once for each outage, and when it is over. ``sources`` are globs of source ids.

    With ``overdue`` it is told of sources that are read well and have had nothing new for much longer than their rhythm
    instead; with ``outcomes`` only of polls that ended so.
    """

    on: Literal["health"]
    states: Annotated[tuple[HealthState, ...], Field(min_length=1)] = (HealthState.FAILING,)
    outcomes: tuple[Outcome, ...] = ()
    overdue: bool = False
    sources: tuple[str, ...] = ("*",)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.check_templates(VALUES | {"health": tuple(SourceHealth.model_fields)})
        return self

    def holds(self, health: SourceHealth) -> bool:
        """Whether the condition holds after this poll."""
        if self.overdue:
            return health.overdue
        return health.state in self.states and (not self.outcomes or health.outcome in self.outcomes)
