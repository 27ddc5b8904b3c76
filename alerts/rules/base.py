"""What every rule has: an id, a severity, words in two languages, labels of its own, and how long it must hold."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import ConfigDict, Field

from alerts.configuration import Strict
from alerts.durations import Seconds
from alerts.texts import check_template
from events.base import Severity
from events.event import Event, EventBase

EVENT_TYPES: dict[str, type[EventBase]] = {
    model.model_fields["type"].default: model for model in get_args(get_args(Event)[0])
}
VALUES: dict[str, tuple[str, ...]] = {"when": ()}
EVENT_VALUES = VALUES | {"scenarios": (), "scenarios_zh": ()}
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class RuleBase(Strict):
    """What every rule has. Titles and texts are Jinja2 templates, English and, where given, Chinese.

    ``labels`` are given to its alerts, for routes to look at. ``for`` is how long (seconds) a condition must hold before it
    is told; what happens once (an event, a milestone, a deadline) does not wait.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: Id
    severity: Severity = Severity.NOTICE
    title: str
    title_zh: str = ""
    text: str = ""
    text_zh: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    holds_for: Annotated[Seconds, Field(alias="for")] = 0.0

    @property
    def templates(self) -> dict[str, str]:
        """Field → template, empty ones left out."""
        fields = {"title": self.title, "title_zh": self.title_zh, "text": self.text, "text_zh": self.text_zh}
        return {name: source for name, source in fields.items() if source}

    def check_templates(self, fields: dict[str, tuple[str, ...]]) -> None:
        for name, source in self.templates.items():
            try:
                check_template(source, fields)
            except ValueError as error:
                raise ValueError(f"`{name}`: {error}") from error

    def happens_once(self) -> None:
        """Raises ValueError where ``for`` was given to a rule whose alerts are facts."""
        if self.holds_for:
            raise ValueError("`for` has no meaning here: what this rule tells of happens once; leave it out")
