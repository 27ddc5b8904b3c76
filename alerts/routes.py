"""The routes file: who is told of what, when and how often; inhibitions and times. Errors name file, line and remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from alerts.configuration import Strict, fault, load_tables
from alerts.deliver import Receiver
from alerts.durations import Seconds
from alerts.stages.active import Times, opens_at
from alerts.stages.inhibit import Inhibition
from alerts.stages.route import EACH, Route, Tree
from events.messages import Matchers

DEFAULT_ROUTES = Path(__file__).with_name("default_routes.toml")
A_DAY = datetime(2024, 1, 1, tzinfo=UTC)
TABLES = ("route", "inhibit", "time", "start")


class Start(Strict):
    """``settle``: how long after its start the room only listens, so that what would be inhibited does not slip out."""

    id: str = "start"
    settle: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything that decides who is told, when. ``times`` by id."""

    tree: Tree
    inhibitions: tuple[Inhibition, ...] = ()
    times: dict[str, Times] = field(default_factory=dict)
    settle: float = 0.0


def load_routes(path: Path, receivers: Sequence[str], more: Sequence[Route] = ()) -> Routing:
    """The routes of a TOML file for the receivers with these ids; ``more`` come first. Raises `ConfigurationError`."""
    routes = load_tables(path, "route", TypeAdapter(Route), _known(Route), TABLES)
    inhibitions = load_tables(path, "inhibit", TypeAdapter(Inhibition), _known(Inhibition), TABLES)
    times = {one.id: one for one in load_tables(path, "time", TypeAdapter(Times), _known(Times), TABLES)}
    starts = load_tables(path, "start", TypeAdapter(Start), _known(Start), TABLES)
    for route in routes:
        _check(path, route, routes, receivers, times)
    others = [route.model_copy(update={"not_match": _not_of(route, more)}) for route in routes]
    settle = sum(start.settle for start in starts)
    return Routing(Tree((*more, *others), tuple(receivers)), inhibitions, times, settle)


def _not_of(route: Route, more: Sequence[Route]) -> Matchers:
    """What the route leaves out: beside its own words, what is raised for one person alone."""
    if route.parent is not None or not more:
        return route.not_match
    return {**route.not_match, "rule": (*route.not_match.get("rule", ()), *(one.id for one in more))}


def plain_routing(receivers: Iterable[Receiver]) -> Routing:
    """Every receiver is told of everything that it wants, each alert on its own, after its own ``group_wait``."""
    routes = [
        Route(
            id=receiver.id,
            receivers=(receiver.id,),
            goes_on=True,
            group_by=(EACH,),
            group_wait=receiver.group_wait,
        )
        for receiver in receivers
    ]
    return Routing(Tree(tuple(routes), tuple(route.id for route in routes)))


def _check(
    path: Path, route: Route, routes: Sequence[Route], receivers: Sequence[str], times: dict[str, Times]
) -> None:
    ids = [one.id for one in routes]
    if route.parent is not None and route.parent not in ids:
        raise fault(path, "route", route.id, "parent", _unknown("route", route.parent, ids))
    seen, one = {route.id}, route
    while one.parent is not None:
        one = next(other for other in routes if other.id == one.parent)
        if one.id in seen:
            raise fault(path, "route", route.id, "parent", "the route is its own ancestor; give one of them no parent")
        seen.add(one.id)
    for name in route.receivers:
        if name != "*" and name not in receivers:
            raise fault(path, "route", route.id, "receivers", _unknown("receiver", name, receivers))
    for key in ("active_times", "mute_times"):
        for name in getattr(route, key) or ():
            if name not in times:
                raise fault(path, "route", route.id, key, _unknown("time", name, list(times)))
    try:
        opens_at(A_DAY, route.active_times or (), route.mute_times or (), times)
    except ValueError as error:
        raise fault(path, "route", route.id, "active_times", str(error)) from error
    if route.parent is None and not route.receivers and not any(other.parent == route.id for other in routes):
        raise fault(path, "route", route.id, "receivers", "nobody is named; give `receivers`")


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    there_are = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known) or 'none'}"
    return f"no {what} is called {name!r}; {there_are}"


def _known(model: type[Strict]) -> tuple[str, ...]:
    return tuple(info.alias or name for name, info in model.model_fields.items())
