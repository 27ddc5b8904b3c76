"""Who says a fact: every notice that tells an event is a witness of it, and the event is what its witnesses say together.

A certificate on three sites is one event with three sources. It is withdrawn when its last witness withdraws it, whatever the
order in which they speak. What each witness says is kept in Redis, one hash an event, written by one atomic step, so that two
workers that read two copies at once do not overlook each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from redis.asyncio import Redis

from events.event import EVENT, GENERATIONS, EventBase, EventSource
from events.view import layout
from events.wire import encode
from streams.store import call

MOST_SOURCES = 50
_LATE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one witness says of an event: its own words, or, ``gone``, that it says it no longer.

    ``revision`` is the notice's; ``generation`` counts our own re-readings of it.
    """

    event: EventBase
    revision: int
    generation: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
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
            "generation": min(said - revision, GENERATIONS - 1),
            "retracted": not standing,
            "sources": sources(standing or {first: sightings[first]}),
            "detected_at": told.detected_at if standing else last,
        }
    )


def sources(sightings: Mapping[str, Sighting]) -> tuple[EventSource, ...]:
    """One source a site, by its earliest notice; in the order of publication, at most fifty."""
    found: dict[str, EventSource] = {}
    for who in sorted(sightings, key=lambda who: _by_time(who, sightings[who])):
        event = sightings[who].event
        found.setdefault(
            event.source_id,
            EventSource(
                source_id=event.source_id,
                notice_id=event.notice_id,
                url=event.url,
                published_at=event.published_at,
                detected_at=event.detected_at,
            ),
        )
    return tuple(found.values())[:MOST_SOURCES]


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
    return replace(now, generation=max(now.generation, before.generation))


async def sight(redis: Redis, said: Sequence[Seen]) -> dict[str, dict[str, Sighting]]:
    """Note what witnesses say, atomically; for each event, all that is known of it. A repetition changes nothing."""
    if not said:
        return {}
    keys = [layout.sightings(one.sighting.event.event_id) for one in said]
    args = [part for one in said for part in (one.witness, *_written(one.sighting))]
    answer = await call(redis, "medpulse_sight", keys, args)
    return {
        one.sighting.event.event_id: _read(dict(zip(flat[::2], flat[1::2], strict=True)))
        for one, flat in zip(said, answer, strict=True)
    }


async def known(redis: Redis, event_ids: Sequence[str]) -> dict[str, dict[str, Sighting]]:
    """All sightings of these events; an event that nobody has told is left out."""
    async with redis.pipeline(transaction=False) as pipe:
        for event_id in event_ids:
            pipe.hgetall(layout.sightings(event_id))
        found = await pipe.execute()
    return {event_id: _read(raw) for event_id, raw in zip(event_ids, found, strict=True) if raw}


def _written(one: Sighting) -> tuple[str, str, bytes]:
    head = f"{one.revision} {one.generation} {int(one.gone)}\n".encode()
    return str(one.revision), str(one.generation), head + encode(one.event)


def _read(raw: Mapping[bytes, bytes]) -> dict[str, Sighting]:
    found: dict[str, Sighting] = {}
    for who, value in raw.items():
        head, _, body = value.partition(b"\n")
        revision, generation, gone = map(int, head.split())
        found[layout.text(who)] = Sighting(EVENT.validate_json(body), revision, generation, bool(gone))
    return found
