"""The Redis side of `aggregate`: the function that applies events, and the values that it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from events.base import Message, UtcDatetime
from events.event import EventBase
from events.view import layout
from events.view.bodies import pack
from events.view.catalog import METRICS
from events.view.series import Measure, dims_text
from events.wire import encode
from streams.contribute import contributions
from streams.contribute.channel import entities

PARTS = {Measure.DISTINCT: 2, Measure.LATEST: 3, Measure.FACT: 2}
"""Which part of a field names the member, counted from 1 (`events.view.series`); the other measures have none."""
AT_ONCE = 250
"""Events that are applied in one step of Redis: some twenty milliseconds, in which it answers nobody."""
Field = tuple[str, str, str]
"""A metric, its dimensions (`dims_text`), and the field of the series."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the Redis Function takes it: its head, the body for readers, packed, and what it gives, also as JSON."""

    head: tuple[str, str, float, str, list[str]]
    body: bytes
    gives: Sequence[tuple[Field, int]]
    given: bytes

    @property
    def row(self) -> tuple[object, ...]:
        """The head with the sizes of what travels beside it."""
        return *self.head, len(self.body), len(self.given)


def summed(entries: Sequence[Entry]) -> list[tuple[str, str, str, str, int]]:
    """What the events give together by metric, dimensions and field, and which was the last to give it, counted from 1. Pure.

    To count event by event is the dear part of the Redis Function, and needed only where an event is not new.
    """
    amounts: dict[Field, int] = {}
    last: dict[Field, int] = {}
    for number, one in enumerate(entries, start=1):
        for where, amount in one.gives:
            amounts[where] = amounts.get(where, 0) + amount
            last[where] = number
    return [(*where, str(amount), last[where]) for where, amount in amounts.items()]


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
            args = [
                orjson.dumps([one.row for one in some]),
                b"".join(one.body for one in some),
                b"".join(one.given for one in some),
                orjson.dumps(summed(some)),
                _parts(),
            ]
            found += map(bool, await self._call("medpulse_total", [layout.applied(self.view)], args))
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
    gives = [((metric, dims_text(dims), where), amount) for metric, dims, where, amount in contributions(event)]
    names = [text for pair in {ref.id: ref.name for ref in entities(event)}.items() for text in pair]
    head = (event.event_id, str(event.order), when.timestamp(), encode(stamp).decode(), names)
    return Entry(head, body, gives, orjson.dumps([(*where, str(amount)) for where, amount in gives]))
