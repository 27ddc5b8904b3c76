"""Route: from an alert to those who are told, and how they are: grouped by what, after how long, how often again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from alerts.configuration import Strict
from alerts.durations import Seconds
from alerts.stages.throttle import Throttle
from alerts.stages.wanted import LOUDNESS
from events.base import Severity
from events.ids import digest, normalised
from events.matching import matches, values
from events.messages import Alert, Matchers

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
EACH = "alert"
"""Grouped by this, every alert is a message of its own."""

LONG_KEY = 200


class Route(Strict):
    """A node of the tree: its ``parent`` names another one. What is not given is the parent's.

    An alert goes to the first child that matches, and on to the next one where that says ``continue``; where no child
    matches, to the route itself. Every name of ``match`` must match, and none of ``not_match`` may. ``receivers`` are ids
    of the receivers file, or ``*`` for all that no other route names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: Id
    parent: Id | None = None
    receivers: tuple[str, ...] = ()
    match: Matchers = Field(default_factory=dict)
    not_match: Matchers = Field(default_factory=dict)
    min_severity: Severity = Severity.INFO
    keywords: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    goes_on: Annotated[bool, Field(alias="continue")] = False
    group_by: tuple[str, ...] | None = None
    group_wait: Seconds | None = None
    group_interval: Annotated[Seconds, Field(gt=0)] | None = None
    repeat_interval: Annotated[Seconds, Field(gt=0)] | None = None
    send_resolved: bool | None = None
    active_times: tuple[Id, ...] | None = None
    mute_times: tuple[Id, ...] | None = None
    throttle: Throttle | None = None
    digest: Literal["daily", "weekly"] | None = None
    digest_at: Clock | None = None
    digest_working_days: bool | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How one receiver is told by one route, everything inherited and defaulted. Times are seconds."""

    route: str
    receiver: str
    group_by: tuple[str, ...] = ("rule",)
    group_wait: float = 30.0
    group_interval: float = 300.0
    repeat_interval: float = 86_400.0
    send_resolved: bool = True
    active_times: tuple[str, ...] = ()
    mute_times: tuple[str, ...] = ()
    throttle: Throttle | None = None
    digest: Literal["daily", "weekly"] | None = None
    digest_at: str = "09:00"
    digest_working_days: bool = False

    def labels(self, alert: Alert) -> dict[str, str]:
        """The names and values that the alert is grouped by; a value of several is joined."""
        return {name: "+".join(sorted(values(alert, name))) for name in self.group_by}

    def group_key(self, alert: Alert) -> str:
        """The key of the alert's group: the same for what is told together."""
        inner = ",".join(f"{name}={value}" for name, value in self.labels(alert).items())
        key = f"{self.route}:{self.receiver}:{inner}"
        return key if len(key) <= LONG_KEY else f"{key[:LONG_KEY]}~{digest(key)[:16]}"


_INHERITED = tuple(name for name in Way.__dataclass_fields__ if name not in {"route", "receiver"})


@dataclass(frozen=True)
class Tree:
    """The routes, with what each inherits worked out."""

    routes: tuple[Route, ...]
    receivers: tuple[str, ...]
    ways: dict[str, tuple[Way, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_id = {route.id: route for route in self.routes}
        named = {name for route in self.routes for name in route.receivers}
        rest = tuple(name for name in self.receivers if name not in named)
        found = {route.id: tuple(_ways(route, by_id, rest)) for route in self.routes}
        object.__setattr__(self, "ways", found)

    def targets(self, alert: Alert) -> list[Way]:
        """Who is told of the alert, each receiver once, by the first route that names it."""
        found: dict[str, Way] = {}
        for route in self._chosen(alert, None):
            for way in self._open(route, alert):
                found.setdefault(way.receiver, way)
        return list(found.values())

    def way(self, route: str, receiver: str) -> Way | None:
        """The way of a group that was begun earlier; None where the routes were changed meanwhile."""
        return next((way for way in self.ways.get(route, ()) if way.receiver == receiver), None)

    def _chosen(self, alert: Alert, parent: str | None) -> Iterator[Route]:
        for route in self.routes:
            if route.parent == parent and wants(route, alert):
                below = list(self._chosen(alert, route.id))
                chosen = below or ([route] if self._open(route, alert) else [])
                yield from chosen
                # A route whose only receiver is the one that fails leads nowhere: the next one is tried.
                if not route.goes_on and (chosen or "failed_receiver" not in alert.tags):
                    return

    def _open(self, route: Route, alert: Alert) -> list[Way]:
        """The ways of a route; that a receiver fails is not told to that receiver."""
        return [way for way in self.ways[route.id] if way.receiver not in alert.tags.get("failed_receiver", ())]


def wants(route: Route, alert: Alert) -> bool:
    """Whether the route's own conditions hold for the alert."""
    loud = LOUDNESS[alert.severity] >= LOUDNESS[route.min_severity]
    kept_out = any(matches({name: globs}, alert) for name, globs in route.not_match.items())
    return loud and not kept_out and matches(route.match, alert) and _says(alert, route.keywords)


def _says(alert: Alert, keywords: Sequence[str]) -> bool:
    said = normalised(f"{alert.title}\n{alert.text}\n{alert.labels.get('title_zh', '')}")
    return not keywords or any(normalised(word) in said for word in keywords)


def _ways(route: Route, by_id: dict[str, Route], rest: tuple[str, ...]) -> Iterator[Way]:
    line = [route]
    while line[-1].parent is not None:
        line.append(by_id[line[-1].parent])
    given: dict[str, Any] = {}
    for one in reversed(line):
        given |= {name: value for name in _INHERITED if (value := getattr(one, name)) is not None}
    receivers = next((one.receivers for one in line if one.receivers), ())
    for name in dict.fromkeys(r for receiver in receivers for r in (rest if receiver == "*" else (receiver,))):
        yield Way(route.id, name, **given)
