"""The rules file: what a person asks to be told, as typed rules. Errors name the file, the line, the rule and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from alerts.configuration import Strict, load_tables
from alerts.texts import check_template
from events.base import Severity
from events.event import Event, EventBase
from events.labels import Modality, Sector
from events.messages import HealthState, Metric, SourceHealth
from events.scenarios import SCENARIOS
from events.view.catalog import METRICS, check_dim, metric

DEFAULT_RULES = Path(__file__).with_name("default_rules.toml")
EVENT_TYPES: dict[str, type[EventBase]] = {
    model.model_fields["type"].default: model for model in get_args(get_args(Event)[0])
}
_VALUES: dict[str, tuple[str, ...]] = {"when": ()}
_EVENT_VALUES = _VALUES | {"scenarios": (), "scenarios_zh": ()}
_METRIC_VALUES = _VALUES | {"milestone": (), "names": (), "subject": (), "meaning": (), "meaning_zh": ()}


def _event_type(name: str) -> str:
    if name not in EVENT_TYPES:
        raise ValueError(f"{name!r} is no type of event; there are {', '.join(EVENT_TYPES)}")
    return name


def _scenario(name: str) -> str:
    if name not in SCENARIOS:
        raise ValueError(f"{name!r} is no scenario; there are {', '.join(SCENARIOS)}")
    return name


def _metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"no metric is called {name!r}; there are {', '.join(METRICS)}")
    return name


def _has_dim(name: str, dim: str) -> None:
    """Raises ValueError unless the metric has the dimension."""
    try:
        check_dim(metric(name), dim)
    except LookupError as error:
        raise ValueError(str(error)) from error


class RuleBase(Strict):
    """What every rule has. Titles and texts are Jinja2 templates, English and, where given, Chinese."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    severity: Severity = Severity.NOTICE
    title: str
    title_zh: str = ""
    text: str = ""
    text_zh: str = ""

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


class EventRule(RuleBase):
    """Every condition that is given must hold; within one, any of its values. An empty one asks for nothing.

    ``change`` says which changes of a fact are told: ``new`` once for a fact that stands (so a correction or a retraction
    raises no second alert), ``revised`` once for each later revision, ``retracted`` once when it is withdrawn.
    """

    on: Literal["event"]
    types: tuple[Annotated[str, AfterValidator(_event_type)], ...] = ()
    device_class: tuple[Literal[1, 2, 3], ...] = ()
    is_ai: bool | None = None
    sector: tuple[Sector, ...] = ()
    modality: tuple[Modality, ...] = ()
    scenario: tuple[Annotated[str, AfterValidator(_scenario)], ...] = ()
    algorithm: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    keywords: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    change: Literal["new", "revised", "retracted"] = "new"

    @model_validator(mode="after")
    def _readable(self) -> Self:
        models = [EVENT_TYPES[name] for name in self.types] or [EventBase]
        shared = set.intersection(*(set(model.model_fields) for model in models))
        self.check_templates(_EVENT_VALUES | {"event": tuple(sorted(shared))})
        return self


class MetricRule(RuleBase):
    """A series passes one of ``milestones`` upwards. ``dims`` names every dimension of the series; values are globs."""

    on: Literal["metric"]
    metric: Annotated[str, AfterValidator(_metric)]
    dims: dict[str, str] = Field(default_factory=dict)
    milestones: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for dim in self.dims:
            _has_dim(self.metric, dim)
        self.check_templates(_METRIC_VALUES | {"metric": tuple(Metric.model_fields)})
        return self


class HealthRule(RuleBase):
    """A source came into one of ``states``: told once for each outage. ``sources`` are globs of source ids."""

    on: Literal["health"]
    states: Annotated[tuple[HealthState, ...], Field(min_length=1)] = (HealthState.FAILING,)
    sources: tuple[str, ...] = ("*",)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.check_templates(_VALUES | {"health": tuple(SourceHealth.model_fields)})
        return self


Rule = Annotated[EventRule | MetricRule | HealthRule, Field(discriminator="on")]
_RULE: TypeAdapter[EventRule | MetricRule | HealthRule] = TypeAdapter(Rule)
_KNOWN = tuple(dict.fromkeys(key for model in (EventRule, MetricRule, HealthRule) for key in model.model_fields))


def load_rules(path: Path = DEFAULT_RULES) -> tuple[EventRule | MetricRule | HealthRule, ...]:
    """The ``[[rule]]`` tables of a TOML file. Raises `alerts.configuration.ConfigurationError`."""
    return load_tables(path, "rule", _RULE, _KNOWN)
