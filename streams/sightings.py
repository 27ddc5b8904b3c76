"""Who says a fact: every notice that tells an event is a witness of it, and the event is what its witnesses say together.

A certificate on three sites is one event with three sources. It is withdrawn when its last witness withdraws it, whatever the
order in which they speak. What each witness says is kept in Redis, one hash an event, written by one atomic step, so that two
workers that read two copies at once do not overlook each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
from redis.asyncio import Redis

from events.event import EVENT, GENERATIONS, EventBase, EventSource
from events.view import layout
from events.view.bodies import pack, unpack
from events.wire import encode
from streams.store import call

MOST_SOURCES = 50
AT_ONCE = 500
_LATE = datetime.max.replace(tzinfo=UTC)


class Sighting(NamedTuple):
    """What one witness says of an event: its own words, or, ``gone``, that it says it no longer.

    ``revision`` is the notice's; ``generation`` counts our own re-readings of it.
    """

    event: EventBase
    revision: int
    generation: int = 0
    gone: bool = False


class Seen(NamedTuple):
    """A sighting, and by which witness."""

    witness: str
    sighting: Sighting


def is_database(source_id: str) -> bool:
    """Whether a source is a database of devices, where one certificate has hundreds of records (``udi``)."""
    return source_id.partition("-")[0] == "udi"


def witness(source_id: str, notice_id: str) -> str:
    """Who speaks: the notice; of a database the whole of it. A record withdrawn there says nothing of its certificate."""
    return source_id if is_database(source_id) else notice_id


def merged(sightings: Mapping[str, Sighting]) -> EventBase:
    """The event that all its witnesses tell together. Pure, and the same in whatever order they spoke.

    The words are those of the witness that published first. Revision and generation grow with everything that any witness
    says: the greatest revision of a notice, and beside it how often anything else was said. So a second sighting is a new
    generation and no revision: nobody is alerted of a correction. Raises ValueError where there is no witness.
    """
    standing = {who: one for who, one in sightings.items() if not one.gone}
    first = min(standing or sightings, key=lambda who: _by_time(who, sightings[who]))
    revision = max(one.revision for one in sightings.values())
    said = sum(one.revision + one.generation for one in sightings.values())
    last = max(one.event.detected_at for one in sightings.values())
    told = sightings[first].event
    return told.model_copy(
        update={
            "revision": revision,
            "generation": generation(revision, said),
            "retracted": not standing,
            "sources": sources(standing or {first: sightings[first]}),
            "detected_at": told.detected_at if standing else last,
        }
    )


def generation(revision: int, said: int) -> int:
    """The generation of an event by the greatest revision of a notice and the sum of all revisions and generations. Pure."""
    return min(said - revision, GENERATIONS - 1)


def order(revision: int, said: int) -> int:
    """The `EventBase.order` of the same. Pure."""
    return revision * GENERATIONS + generation(revision, said)


def sources(sightings: Mapping[str, Sighting]) -> tuple[EventSource, ...]:
    """One source a site, by its earliest notice; in the order of publication, at most fifty."""
    found: dict[str, EventSource] = {}
    for who in sorted(sightings, key=lambda who: _by_time(who, sightings[who])):
        event = sightings[who].event
        found.setdefault(event.source_id, _source(event))
    return tuple(found.values())[:MOST_SOURCES]


def _source(event: EventBase) -> EventSource:
    return EventSource.trusted(
        source_id=event.source_id,
        notice_id=event.notice_id,
        url=event.url,
        published_at=event.published_at,
        detected_at=event.detected_at,
    )


def _by_time(who: str, sighting: Sighting) -> tuple[datetime, str]:
    return sighting.event.published_at or _LATE, who


def accepts(before: Sighting | None, now: Sighting) -> Sighting | None:
    """What is kept where ``before`` was and ``now`` comes: the later of the two. None where nothing changes. Pure twin of the
    Redis Function, and held to it by a test."""
    if before is None:
        return now
    if now.revision < before.revision:
        return None
    if now.revision == before.revision and now.generation <= before.generation:
        return None
    return now._replace(generation=max(now.generation, before.generation))


def alone(one: Sighting) -> Sighting:
    """The sighting with the event as it is while nobody else tells it: so it is noted, and so it is published. Pure.

    It is what `merged` makes of it, without the way there.
    """
    if one.gone:
        return one
    own = {
        "revision": one.revision,
        "generation": min(one.generation, GENERATIONS - 1),
        "retracted": False,
        "sources": (_source(one.event),),
    }
    return Sighting(one.event.model_copy(update=own), one.revision, one.generation)


class Told(NamedTuple):
    """An event that its witnesses tell together, and, where they are known already, its JSON, and that packed."""

    event: EventBase
    raw: bytes | None = None
    packed: bytes | None = None

    @property
    def value(self) -> bytes:
        """The event as JSON."""
        return encode(self.event) if self.raw is None else self.raw


async def sight(redis: Redis, said: Sequence[Seen]) -> dict[str, Told]:
    """Note what witnesses say, atomically; for each event, what all its witnesses tell now. A repetition changes nothing."""
    found: dict[str, Told] = {}
    for at in range(0, len(said), AT_ONCE):
        found |= await _sight(redis, said[at : at + AT_ONCE])
    return found


async def _sight(redis: Redis, said: Sequence[Seen]) -> dict[str, Told]:
    noted = [alone(one.sighting) for one in said]
    raws = [encode(one.event) for one in noted]
    packed = [pack(raw) for raw in raws]
    values = [_head(one) + body for one, body in zip(noted, packed, strict=True)]
    rows = [
        (one.event.event_id, who.witness, one.revision, one.generation, len(value))
        for who, one, value in zip(said, noted, values, strict=True)
    ]
    answer = await call(redis, "medpulse_witness", [layout.SIGHTINGS], [orjson.dumps(rows), b"".join(values)])
    return {
        one.event.event_id: _told(who.witness, one, Told(one.event, raw, body), reply)
        for who, one, raw, body, reply in zip(said, noted, raws, packed, answer, strict=True)
    }


def _told(who: str, noted: Sighting, itself: Told, reply: int | list[bytes]) -> Told:
    if isinstance(reply, list):
        return Told(merged(_read(dict(zip(reply[::2], reply[1::2], strict=True)))))
    return Told(merged({who: noted})) if noted.gone else itself


async def known(redis: Redis, event_ids: Sequence[str]) -> dict[str, dict[str, Sighting]]:
    """All sightings of these events; an event that nobody has told is left out."""
    async with redis.pipeline(transaction=False) as pipe:
        for event_id in event_ids:
            pipe.hgetall(layout.sightings(event_id))
        found = await pipe.execute()
    return {event_id: _read(raw) for event_id, raw in zip(event_ids, found, strict=True) if raw}


async def later(redis: Redis, told: Mapping[str, EventBase]) -> dict[str, Told]:
    """Of these events, what they are now where a witness has said something since."""
    ids = sorted(told)
    weights = [
        await call(redis, "medpulse_weigh", [layout.SIGHTINGS], ids[at : at + AT_ONCE])
        for at in range(0, len(ids), AT_ONCE)
    ]
    orders = [order(revision, said) for some in weights for revision, said in some]
    changed = [one for one, now in zip(ids, orders, strict=True) if now > told[one].order]
    return {event_id: Told(merged(one)) for event_id, one in (await known(redis, changed)).items()}


async def said_by(redis: Redis, pairs: Sequence[tuple[str, str]]) -> list[EventBase]:
    """What witnesses say of events, by pairs of event id and witness; without those that say it no longer, or never did."""
    async with redis.pipeline(transaction=False) as pipe:
        for event_id, who in pairs:
            pipe.hget(layout.sightings(event_id), who)
        found = [_sighting(raw) for raw in await pipe.execute() if raw is not None]
    return [one.event for one in found if not one.gone]


def _head(one: Sighting) -> bytes:
    return f"{one.revision} {one.generation} {int(one.gone)}\n".encode()


def _read(raw: Mapping[bytes, bytes]) -> dict[str, Sighting]:
    return {layout.text(who): _sighting(value) for who, value in raw.items()}


def _sighting(value: bytes) -> Sighting:
    head, _, body = value.partition(b"\n")
    revision, generation, gone = map(int, head.split())
    return Sighting(EVENT.validate_json(unpack(body)), revision, generation, bool(gone))
