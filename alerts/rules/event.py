"""Event rules: on type, labels, entity, keyword, watch-list, and on corrections and retractions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from alerts.configuration import Strict
from alerts.rules.base import EVENT_TYPES, EVENT_VALUES, Id, RuleBase
from events.event import EventBase
from events.labels import Modality, Sector
from events.scenarios import SCENARIOS


def _event_type(name: str) -> str:
    if name not in EVENT_TYPES:
        raise ValueError(f"{name!r} is no type of event; there are {', '.join(EVENT_TYPES)}")
    return name


def _scenario(name: str) -> str:
    if name not in SCENARIOS:
        raise ValueError(f"{name!r} is no scenario; there are {', '.join(SCENARIOS)}")
    return name


Type = Annotated[str, AfterValidator(_event_type)]
Scenario = Annotated[str, AfterValidator(_scenario)]
Word = Annotated[str, Field(min_length=1)]


class WatchList(Strict):
    """Companies and products (ids of the register) and words that somebody watches; rules name the list."""

    id: Id
    entities: tuple[str, ...] = ()
    keywords: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if not self.entities and not self.keywords:
            raise ValueError("the list is empty; give `entities` or `keywords`")
        return self


class Conditions(RuleBase):
    """What is asked of an event. Every condition that is given must hold; within one, any of its values.

    ``watch`` names watch-lists, of which one entity or word is enough; ``watched`` is filled in from them.
    """

    types: tuple[Type, ...] = ()
    device_class: tuple[Literal[1, 2, 3], ...] = ()
    is_ai: bool | None = None
    sector: tuple[Sector, ...] = ()
    modality: tuple[Modality, ...] = ()
    scenario: tuple[Scenario, ...] = ()
    algorithm: tuple[str, ...] = ()
    province: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    keywords: tuple[Word, ...] = ()
    watch: tuple[Id, ...] = ()
    watched: Annotated[tuple[WatchList, ...], Field(exclude=True)] = ()

    def _fields_of_events(self) -> tuple[str, ...]:
        models = [EVENT_TYPES[name] for name in self.types] or [EventBase]
        return tuple(sorted(set.intersection(*(set(model.model_fields) for model in models))))


class EventRule(Conditions):
    """An event that meets the conditions.

    ``change`` says which changes of a fact are told: ``new`` once for a fact that stands (so a correction or a retraction
    raises no second alert), ``revised`` once for each later revision, ``retracted`` once when it is withdrawn.
    """

    on: Literal["event"]
    change: Literal["new", "revised", "retracted"] = "new"

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.happens_once()
        self.check_templates(EVENT_VALUES | {"event": self._fields_of_events()})
        return self
