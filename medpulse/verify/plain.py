"""A plain recomputation of every metric from a list of events: no series, no contributions, no Redis.

It is slow and says the same as the view; where it does not, one of the two is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from events.event import EventBase
from medpulse.verify.base import BASE
from medpulse.verify.derived import DERIVED
from medpulse.verify.figures import FIGURES
from medpulse.verify.observed import Exact, Plain, Seen, day_of, inside, standing

PLAIN: dict[str, Plain] = {**BASE, **DERIVED, **FIGURES}
"""Every metric of `events.view.catalog.CATALOG`."""


def value(
    events: Iterable[EventBase],
    name: str,
    as_of: date,
    window: str = "cumulative",
    where: Mapping[str, str] | None = None,
) -> Exact:
    """The metric as of a day, of the last version of each event. Raises KeyError for an unknown metric."""
    return PLAIN[name][1](_seen(events, name, as_of, window, where or {}))


def table(
    events: Iterable[EventBase],
    name: str,
    by: str,
    as_of: date,
    window: str = "cumulative",
    where: Mapping[str, str] | None = None,
) -> dict[str, Exact]:
    """The same value by value of a dimension; of a base metric without noughts, as the view has it."""
    seen = _seen(events, name, as_of, window, where or {})
    found = {
        one: PLAIN[name][1]([s for s in seen if one in s.by.get(by, ())])
        for one in sorted({one for s in seen for one in s.by.get(by, ())})
    }
    return {one: n for one, n in found.items() if n or name not in BASE}


def _seen(events: Iterable[EventBase], name: str, as_of: date, window: str, where: Mapping[str, str]) -> list[Seen]:
    known = [e for e in standing(events) if (day_of(e) or as_of) <= as_of]
    return [
        seen
        for seen in PLAIN[name][0](known, as_of)
        if inside(seen.day, window, as_of) and all(one in seen.by.get(dim, ()) for dim, one in where.items())
    ]
