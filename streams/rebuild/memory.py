"""What else a Redis that was emptied had: the memory of the agents and the ledger of the alerts, from their topics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TypeVar

from redis.asyncio import Redis

from events.consume import scan
from events.event import EventBase
from events.messages import Alert, Delivery, SourceHealth
from events.notice import Notice, NoticeBatch
from events.topics import ALERTS, DELIVERIES, EVENTS, NOTICES_UNIQUE, SOURCE_HEALTH, Topic
from events.view import layout
from events.wire import Unreadable, decode, decode_event
from streams.agents.enrich import memory_of
from streams.copies.memory import join
from streams.sightings import Seen, Sighting, sight, witness
from streams.texts import keep

T = TypeVar("T")
_AT_ONCE = 500


async def restore(bootstrap: str, redis: Redis) -> dict[str, int]:
    """Put back what is missing, by kind, and count it. What is there stays as it is, so that a live instance is not disturbed.

    Without the revisions of the notices an edit would pass as the first revision, and be taken for older than what is known.
    Raises `BrokerAway`, RedisError.
    """
    return {
        "notices": await _missing(redis, layout.NOTICES, await _revisions(bootstrap)),
        "copies": await _copies(bootstrap, redis),
        "sightings": await _sightings(bootstrap, redis),
        "events by notice": await _missing(redis, layout.NOTICE_EVENTS, await _events_by_notice(bootstrap)),
        "source health": await _missing(redis, layout.HEALTH, await _health(bootstrap)),
        "alerts": await _missing(redis, layout.ALERTS, await _alerts(bootstrap)),
        "deliveries": await _deliveries(bootstrap, redis),
    }


async def _said(bootstrap: str, topic: Topic, read: Callable[[bytes], T]) -> AsyncIterator[tuple[T, bytes]]:
    """What each message of a topic says, and the message; those that cannot be read were buried by their reader."""
    async for batch in scan(bootstrap, topic):
        for message in batch:
            with suppress(Unreadable):
                yield read(message.value), message.value


async def _revisions(bootstrap: str) -> dict[str, str]:
    """The last revision and content hash of each notice, as `streams.agents.dedupe` remembers them."""
    found: dict[str, tuple[int, str]] = {}
    async for batch, _ in _said(bootstrap, NOTICES_UNIQUE, partial(decode, NoticeBatch)):
        for notice in batch.notices:
            last = found.get(notice.notice_id, (0, ""))
            found[notice.notice_id] = max(last, (notice.revision, notice.content_hash))
    return {notice_id: f"{revision}:{content}" for notice_id, (revision, content) in found.items()}


async def _copies(bootstrap: str, redis: Redis) -> int:
    """Which notices are copies: originals are put down first, then those that were marked as copies find them again.

    A merge that somebody undid is not known from Kafka: it is made once more.
    """
    last: dict[str, Notice] = {}
    async for batch, _ in _said(bootstrap, NOTICES_UNIQUE, partial(decode, NoticeBatch)):
        for notice in batch.notices:
            if notice.notice_id not in last or last[notice.notice_id].revision <= notice.revision:
                last[notice.notice_id] = notice
    ordered = sorted(last.values(), key=lambda one: (one.same_as is not None, one.detected_at, one.notice_id))
    for at in range(0, len(ordered), _AT_ONCE):
        some = ordered[at : at + _AT_ONCE]
        await keep(redis, await _without_text(redis, some))
        await join(redis, some)
    return sum(one.same_as is not None for one in ordered)


async def _without_text(redis: Redis, notices: Sequence[Notice]) -> list[Notice]:
    """Those of which nothing is kept for people to read."""
    async with redis.pipeline(transaction=False) as pipe:
        for notice in notices:
            pipe.exists(layout.notice_texts(notice.notice_id))
        found = await pipe.execute()
    return [notice for notice, there in zip(notices, found, strict=True) if not there]


async def _sightings(bootstrap: str, redis: Redis) -> int:
    """Who tells each event: the sources that it names, the first with the event's own words and the weight of its order."""
    said: list[Seen] = []
    for event in (await _last_events(bootstrap)).values():
        others = [source for source in event.sources if source.notice_id != event.notice_id]
        weight = max(0, event.generation - len(others))
        said.append(
            Seen(witness(event.source_id, event.notice_id), Sighting(event, event.revision, weight, event.retracted))
        )
        for source in others:
            told = event.model_copy(update=source.model_dump())
            said.append(Seen(witness(source.source_id, source.notice_id), Sighting(told, 1)))
    for at in range(0, len(said), _AT_ONCE):
        await sight(redis, said[at : at + _AT_ONCE])
    return len(said)


async def _last_events(bootstrap: str) -> dict[str, EventBase]:
    last: dict[str, EventBase] = {}
    async for event, _ in _said(bootstrap, EVENTS, decode_event):
        if event.event_id not in last or last[event.event_id].order <= event.order:
            last[event.event_id] = event
    return last


async def _events_by_notice(bootstrap: str) -> dict[str, bytes]:
    """The events that each notice gave, as `streams.agents.enrich` remembers them."""
    last = await _last_events(bootstrap)
    of_notice: defaultdict[str, list[EventBase]] = defaultdict(list)
    for event in last.values():
        if not event.retracted:
            of_notice[event.notice_id].append(event)
    return {notice_id: memory_of(max(one.revision for one in given), given) for notice_id, given in of_notice.items()}


async def _health(bootstrap: str) -> dict[str, bytes]:
    return {
        health.source_id: raw async for health, raw in _said(bootstrap, SOURCE_HEALTH, partial(decode, SourceHealth))
    }


async def _alerts(bootstrap: str) -> dict[str, bytes]:
    return {alert.alert_id: raw async for alert, raw in _said(bootstrap, ALERTS, partial(decode, Alert))}


async def _deliveries(bootstrap: str, redis: Redis) -> int:
    found: dict[str, bytes] = {}
    times: dict[bytes, float] = {}
    async for delivery, raw in _said(bootstrap, DELIVERIES, partial(decode, Delivery)):
        found[f"{delivery.alert_id}|{delivery.receiver}"] = raw
        times[raw] = delivery.at.timestamp()
    if times and not await redis.zcard(layout.DELIVERIES):
        await redis.zadd(layout.DELIVERIES, dict(times.items()))
    return await _missing(redis, layout.DELIVERED, found)


async def _missing(redis: Redis, key: str, values: Mapping[str, bytes | str]) -> int:
    """Set the fields that a hash does not have, some at a time; returns how many there were."""
    left = iter(values.items())
    added = 0
    while some := list(islice(left, _AT_ONCE)):
        async with redis.pipeline(transaction=False) as pipe:
            for field, value in some:
                pipe.hsetnx(key, field, value)
            added += sum(await pipe.execute())
    return added
