"""The view against the plain recomputation, metric by metric, value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from events.consume import scan
from events.event import EventBase
from events.topics import EVENTS
from events.view.catalog import CATALOG, DERIVED, dimensions
from events.view.derived.spec import DerivedSpec
from events.view.reader import View
from events.view.spec import MetricSpec
from events.wire import Unreadable, decode_event
from medpulse.verify import plain
from medpulse.verify.lean import lean
from medpulse.verify.observed import Exact, keep, standing


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the view does not say what the events say. ``dim`` is empty for the total; None means that there is no value."""

    metric: str
    dim: str
    value: str
    window: str
    view: Exact
    events: Exact


@dataclass(slots=True)
class Told:
    """What the topic holds: the last version of each event, and how many messages were read."""

    events: list[EventBase]
    messages: int = 0
    unreadable: int = 0


async def read_events(
    bootstrap: str, total: Callable[[int], None] = lambda _: None, done: Callable[[int], None] = lambda _: None
) -> Told:
    """The events that stand, from the whole topic, as `lean` as metrics need them. Memory holds one version of each.

    Raises `BrokerAway`.
    """
    last: dict[str, EventBase] = {}
    told = Told([])
    async for batch in scan(bootstrap, EVENTS, ends=total):
        for message in batch:
            if not message.value:
                continue
            try:
                keep(last, lean(decode_event(message.value)))
            except Unreadable:
                told.unreadable += 1
        told.messages += len(batch)
        done(len(batch))
    told.events = standing(last.values())
    return told


async def differences(
    view: View,
    events: Iterable[EventBase],
    as_of: date,
    windows: Sequence[str],
    done: Callable[[int], None] = lambda _: None,
) -> list[Difference]:
    """Every value that the view and the events do not agree on, over all metrics and dimensions. Raises RedisError."""
    known = plain.known(events, as_of)
    found: list[Difference] = []
    for name, spec in sorted(CATALOG.items(), key=_needs):
        seen = plain.observed(known, name, as_of)
        for window in windows:
            said: Exact = plain.value(seen, name, as_of, window)
            read = await _value(view, name, as_of, window)
            if read != said:
                found.append(Difference(name, "", "", window, read, said))
            for by in dimensions(spec):
                tables = await _table(view, name, by, as_of, window), plain.table(seen, name, by, as_of, window)
                found += _differing(name, by, window, *tables)
        done(1)
    places = {name: place for place, name in enumerate(CATALOG)}
    return sorted(found, key=lambda one: places[one.metric])


def _needs(named: tuple[str, MetricSpec | DerivedSpec]) -> tuple[str, ...]:
    """The facts that a metric is derived from: those that share them are compared one after the other (`Once`)."""
    return named[1].needs if isinstance(named[1], DerivedSpec) else ()


def _differing(
    name: str, by: str, window: str, view: Mapping[str, Exact], events: Mapping[str, Exact]
) -> list[Difference]:
    return [
        Difference(name, by, one, window, view.get(one), events.get(one))
        for one in sorted(view.keys() | events.keys())
        if view.get(one) != events.get(one)
    ]


async def _value(view: View, name: str, as_of: date, window: str) -> Exact:
    if name in DERIVED:
        return await view.derived(name, as_of, within=window)
    return await view.value(name, as_of, within=window)


async def _table(view: View, name: str, by: str, as_of: date, window: str) -> Mapping[str, Exact]:
    if name in DERIVED:
        return await view.derived_table(name, by, as_of, within=window)
    return await view.table(name, by, as_of, window)
