"""The Redis side of `aggregate`: the function that applies events, and the values that it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import orjson
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from events.base import Message, UtcDatetime
from events.event import EventBase
from events.view import layout
from events.view.bodies import pack
from events.view.catalog import METRICS
from events.view.series import Contribution, Measure
from events.wire import encode
from streams.contribute import contributions
from streams.contribute.channel import entities

PARTS = {Measure.DISTINCT: 2, Measure.LATEST: 3, Measure.FACT: 2}
"""Which part of a field names the member, counted from 1 (`events.view.series`); the other measures have none."""
AT_ONCE = 250
"""Events that are applied in one step of Redis: five to twenty milliseconds, in which it answers nobody."""


class Entry(NamedTuple):
    """An event as the Redis Function takes it.

    ``score`` is its time in seconds, ``body`` what readers get, packed and empty for a retracted event, ``applied`` what is
    remembered of it: its order and, as JSON, what it ``gives``. ``names`` are entity, name, entity, name …
    """

    event_id: str
    score: float
    stamp: bytes
    names: list[str]
    body: bytes
    gives: Sequence[Contribution]
    applied: bytes


def summed(entries: Sequence[Entry]) -> dict[str, dict[str, list[str | int]]]:
    """What the events give together: metric → `dim_key` → field, amount, which event was the last to give it (counted from 1),
    field, amount, event … Pure.

    To count event by event is the dear part of the Redis Function, and needed only where an event is not new.
    """
    given: dict[tuple[str, str, str], tuple[int, int]] = {}
    for number, one in enumerate(entries, start=1):
        for metric, key, field, amount in one.gives:
            where = metric, key, field
            given[where] = given[where][0] + amount if where in given else amount, number
    found: dict[str, dict[str, list[str | int]]] = {}
    for (metric, key, field), (amount, last) in given.items():
        found.setdefault(metric, {}).setdefault(key, []).extend((field, str(amount), last))
    return found


def arguments(entries: Sequence[Entry]) -> list[bytes]:
    """The arguments of `medpulse_add` for these events. Pure."""
    beside = [one for entry in entries for one in (entry.body, entry.applied, entry.stamp)]
    batch = {
        "ids": [one.event_id for one in entries],
        "scores": [one.score for one in entries],
        "names": [one.names for one in entries],
        "sizes": [len(one) for one in beside],
    }
    return [_parts(), orjson.dumps(summed(entries)), orjson.dumps(batch), b"".join(beside)]


class Stamp(Message):
    """What is remembered of the event that last changed a series."""

    event_id: str
    at: UtcDatetime
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Untold:
    """A series that changed: its cumulative value, the one last published, and the note that marks it as untold."""

    name: str
    note: str
    metric: str
    key: str
    value: int
    previous: int
    stamp: Stamp


class Store:
    """One view in a Redis. Only `apply` writes to it."""

    def __init__(self, redis: Redis, view: str = layout.FIRST) -> None:
        self._redis = redis
        self.view = view

    async def load(self) -> None:
        """Load the Redis Function. Safe to repeat; a worker does it at every start."""
        await load(self._redis)

    async def apply(self, events: Sequence[EventBase]) -> list[bool]:
        """Apply the events; True for each that changed the view, False for a redelivery.

        Idempotent by event id and order (revision, then generation), so a batch may be repeated or overlap another. Each
        event is applied whole or not at all, and `AT_ONCE` of them in one atomic step: nobody else is served meanwhile.
        """
        return await self.apply_entries([entry(event) for event in events])

    async def apply_entries(self, entries: Sequence[Entry]) -> list[bool]:
        """`apply` for events of which `entry` was asked already: to count what an event gives is the dear part of it."""
        found: list[bool] = []
        for at in range(0, len(entries), AT_ONCE):
            some = entries[at : at + AT_ONCE]
            found += map(bool, await self._call("medpulse_add", [layout.applied(self.view)], arguments(some)))
        return found

    async def untold(self) -> list[Untold]:
        """The series that changed and whose value nobody has published yet, by any worker, before or after a kill."""
        notes = await self._redis.hgetall(layout.untold(self.view))
        names = sorted(notes)
        if not names:
            return []
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hmget(layout.totals(self.view), names)
            pipe.hmget(layout.published(self.view), names)
            totals, published = await pipe.execute()
        return [
            _untold(layout.text(name), layout.text(notes[name]), int(total or 0), int(before or 0))
            for name, total, before in zip(names, totals, published, strict=True)
        ]

    async def told(self, series: Sequence[Untold]) -> int:
        """Forget these. To be called once the broker has acknowledged their values, never before.

        Returns how many must be told again: another worker published one of their values meanwhile, and it may have come later.
        """
        if not series:
            return 0
        args = [arg for one in series for arg in (one.name, one.note, str(one.value), str(one.previous))]
        keys = [layout.untold(self.view), layout.published(self.view), layout.totals(self.view)]
        return int(await self._call("medpulse_tell", keys, args))

    async def _call(self, name: str, keys: list[str], args: Sequence[str | bytes]) -> Any:
        return await call(self._redis, name, keys, args)


async def load(redis: Redis) -> None:
    """Load the Redis Functions of this version. Safe to repeat."""
    await redis.function_load(resources.files("streams").joinpath("apply.lua").read_text(), replace=True)


async def call(redis: Redis, name: str, keys: Sequence[str], args: Sequence[str | bytes]) -> Any:
    """Call a Redis Function of ours; a Redis that came back without it (emptied, or another one) is given it again."""
    try:
        return await redis.fcall(name, len(keys), *keys, *args)
    except ResponseError as error:
        if "Function not found" not in str(error):
            raise
        await load(redis)
        return await redis.fcall(name, len(keys), *keys, *args)


def _untold(name: str, note: str, value: int, previous: int) -> Untold:
    metric, key = name.split(":", 1)
    stamp = Stamp.model_validate_json(note.split("\n", 1)[1])
    return Untold(name, note, metric, key, value, previous, stamp)


@cache
def _parts() -> bytes:
    return orjson.dumps({name: PARTS[spec.measure] for name, spec in METRICS.items() if spec.measure in PARTS})


def entry(event: EventBase, packed: bytes | None = None) -> Entry:
    """The event as the Redis Function takes it. ``packed`` is what is kept of it, if known. Pure; a faulty metric raises."""
    when = event.event_time or event.detected_at
    body = b"" if event.retracted else packed or pack(encode(event))
    stamp = Stamp.trusted(event_id=event.event_id, at=event.detected_at, illustrative=event.illustrative)
    gives = contributions(event)
    names = [text for pair in {ref.id: ref.name for ref in entities(event)}.items() for text in pair]
    given = orjson.dumps([(metric, key, where, str(amount)) for metric, key, where, amount in gives])
    applied = b"%d\n%s" % (event.order, given)
    return Entry(event.event_id, when.timestamp(), encode(stamp), names, body, gives, applied)
