"""Subscriptions: what one person wants to hear of, in words of the sector, and whether at once or in a digest.

A subscription is a rule and a route: it raises alerts for the events that it names, and leads them, and those of the rules
that it names, to the person's receiver.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from alerts.configuration import ConfigurationError, Strict, fault, load_tables
from alerts.durations import Seconds
from alerts.rules import EventRule
from alerts.rules.base import Id
from alerts.rules.event import Scenario, Type, Word
from alerts.stages.route import Clock, Route
from events.base import Severity
from events.labels import Sector

PREFIX = "sub-"
"""How the ids of the rules and routes of subscriptions begin."""

_TITLE = "{{ event.title }}"
_TEXT = "{% if scenarios %}{{ scenarios }}. {% endif %}{{ when }}"
_TEXT_ZH = "{% if scenarios_zh %}{{ scenarios_zh }}。{% endif %}{{ when }}"


class Subscription(Strict):
    """What a person wants. Every kind of wish that is given must be met; within one, any of its values.

    ``companies`` are entity ids of the register. ``rules`` are globs of rules whose alerts the person wants as well, whatever
    the other wishes say. Events of the wishes are told with ``severity``; what is quieter than ``min_severity`` is left out.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,57}$")]
    receiver: Id
    person: str = ""
    companies: tuple[str, ...] = ()
    sectors: tuple[Sector, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    provinces: tuple[str, ...] = ()
    types: tuple[Type, ...] = ()
    keywords: tuple[Word, ...] = ()
    rules: tuple[str, ...] = ()
    severity: Severity = Severity.NOTICE
    min_severity: Severity = Severity.INFO
    tell: Literal["at_once", "daily", "weekly"] = "at_once"
    digest_at: Clock = "09:00"
    working_days: bool = False
    group_wait: Seconds = 30.0

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.wishes and not self.rules:
            raise ValueError(
                "nothing is asked for; give `companies`, `sectors`, `scenarios`, `provinces`, `types`, `keywords` or `rules`"
            )
        return self

    @property
    def wishes(self) -> bool:
        """Whether events are asked for, beside what rules tell."""
        return bool(self.companies or self.sectors or self.scenarios or self.provinces or self.types or self.keywords)

    @property
    def rule_id(self) -> str:
        return f"{PREFIX}{self.id}"


def load_subscriptions(path: Path | None, receivers: Sequence[str]) -> tuple[Subscription, ...]:
    """The ``[[subscription]]`` tables of a file, or of every ``.toml`` file of a folder: one file a person, if you like.

    Raises `ConfigurationError`, also for a receiver that there is not and an id that two files have.
    """
    if path is None:
        return ()
    found: list[Subscription] = []
    for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
        for one in load_tables(file, "subscription", TypeAdapter(Subscription), tuple(Subscription.model_fields)):
            if one.receiver not in receivers:
                known = ", ".join(receivers)
                text = f"no receiver is called {one.receiver!r}; there are {known}"
                raise fault(file, "subscription", one.id, "receiver", text)
            if any(other.id == one.id for other in found):
                raise ConfigurationError(f"{file}: the subscription {one.id!r} is in another file, too; rename one")
            found.append(one)
    return tuple(found)


def rules_of(subscriptions: Sequence[Subscription]) -> tuple[EventRule, ...]:
    """The rules that raise what the persons wish to hear of."""
    return tuple(
        EventRule(
            id=one.rule_id,
            on="event",
            severity=one.severity,
            title=_TITLE,
            text=_TEXT,
            text_zh=_TEXT_ZH,
            entities=one.companies,
            sector=one.sectors,
            scenario=one.scenarios,
            province=one.provinces,
            types=one.types,
            keywords=one.keywords,
        )
        for one in subscriptions
        if one.wishes
    )


def routes_of(subscriptions: Sequence[Subscription]) -> tuple[Route, ...]:
    """The routes to the persons. Each goes on, so that others are told as well; what a subscription raised ends with them."""
    return tuple(_route(one, [other.rule_id for other in subscriptions if other is not one]) for one in subscriptions)


def _route(one: Subscription, others: Sequence[str]) -> Route:
    own = (one.rule_id,) if one.wishes else ()
    return Route(
        id=one.rule_id,
        receivers=(one.receiver,),
        match={"rule": own + one.rules},
        not_match={"rule": tuple(others)} if others else {},
        min_severity=one.min_severity,
        goes_on=True,
        group_by=() if one.tell != "at_once" else ("type",),
        group_wait=one.group_wait,
        digest=None if one.tell == "at_once" else one.tell,
        digest_at=one.digest_at,
        digest_working_days=one.working_days,
    )
