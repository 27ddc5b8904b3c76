"""A plain recomputation of every metric from a list of events: no series, no contributions, no Redis.

It is slow and says the same as the view; where it does not, one of the two is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from events.event import EventBase
from medpulse.verify.base import BASE
from medpulse.verify.derived import DERIVED
from medpulse.verify.figures import FIGURES
from medpulse.verify.observed import Exact, Plain, Seen, day_of, inside, standing

PLAIN: dict[str, Plain] = {**BASE, **DERIVED, **FIGURES}
"""Every metric of `events.view.catalog.CATALOG`."""


def known(events: Iterable[EventBase], as_of: date) -> list[EventBase]:
    """What was known on a day: the last version of each event, those of later days left out."""
    return [e for e in standing(events) if (day_of(e) or as_of) <= as_of]


def observed(events: Sequence[EventBase], name: str, as_of: date) -> list[Seen]:
    """What the events that were `known` on a day say of a metric: from it come `value` and `table` for any window.

    Raises KeyError for an unknown metric.
    """
    return list(PLAIN[name][0](events, as_of))


def value(
    seen: Iterable[Seen],
    name: str,
    as_of: date,
    window: str = "cumulative",
    where: Mapping[str, str] | None = None,
) -> Exact:
    """The metric as of the day that ``seen`` was observed for. Raises ValueError for an unknown window."""
    return PLAIN[name][1](_chosen(seen, as_of, window, where or {}))


def table(
    seen: Iterable[Seen],
    name: str,
    by: str,
    as_of: date,
    window: str = "cumulative",
    where: Mapping[str, str] | None = None,
) -> dict[str, Exact]:
    """The same value by value of a dimension; of a base metric without noughts, as the view has it."""
    grouped: defaultdict[str, list[Seen]] = defaultdict(list)
    for one in _chosen(seen, as_of, window, where or {}):
        for said in one.by.get(by, ()):
            grouped[said].append(one)
    found = {said: PLAIN[name][1](some) for said, some in sorted(grouped.items())}
    return {said: n for said, n in found.items() if n or name not in BASE}


def _chosen(seen: Iterable[Seen], as_of: date, window: str, where: Mapping[str, str]) -> list[Seen]:
    return [
        one
        for one in seen
        if inside(one.day, window, as_of) and all(said in one.by.get(dim, ()) for dim, said in where.items())
    ]
