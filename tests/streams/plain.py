"""The same numbers, worked out the plain way: keep the last version of each event, then add up from nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from redis.asyncio import Redis

from events.event import EventBase
from events.view import layout
from streams.contribute import contributions

Series = dict[str, dict[str, int]]


def recomputed(events: Iterable[EventBase]) -> Series:
    """Series name → field → amount, from the last version of each event."""
    last: dict[str, EventBase] = {}
    for event in events:
        if event.event_id not in last or event.order > last[event.event_id].order:
            last[event.event_id] = event
    series: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for event in last.values():
        for metric, key, field, amount in contributions(event):
            series[f"{metric}:{key}"][field] += amount
    return {name: dict(fields) for name, fields in series.items()}


async def stored(redis: Redis, view: str = layout.FIRST) -> Series:
    """Every series that Redis holds, in the same shape."""
    prefix = layout.series(view, "", "")[:-1]
    found: Series = {}
    async for key in redis.scan_iter(match=f"{prefix}*", count=1000):
        fields = await redis.hgetall(key)
        found[layout.text(key).removeprefix(prefix)] = {layout.text(field): int(n) for field, n in fields.items()}
    return found
