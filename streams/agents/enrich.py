"""notices.unique → events: what each notice means; what a notice no longer says is retracted, unless another still says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import orjson
from pydantic import ValidationError

from events.consumed import Consumed
from events.event import EVENT, EventBase
from events.notice import Notice, NoticeBatch
from events.tracing import span
from events.view import layout
from events.wire import decode, encode, record
from streams.copies.memory import originals
from streams.enrich.make.common import Unusable
from streams.sightings import Seen, Sighting, is_database, known, merged, sight, witness
from streams.sinks import Sinks, hset, surely

STAGE = "enrich"
HISTORY = frozenset({"ipo_progress"})
"""Types whose earlier facts stay true when their notice moves on: a project that is now registered was once accepted."""

Meaning = Callable[[Notice], list[EventBase]]
Sightings = Mapping[str, Mapping[str, Sighting]]


def retractions(before: Iterable[EventBase], now: Iterable[EventBase], notice: Notice) -> list[EventBase]:
    """The events that an earlier reading of a notice gave and this one does not, each as its own retraction. Pure."""
    standing = {event.event_id for event in now}
    return [
        event.model_copy(update={"retracted": True, "revision": notice.revision, "detected_at": notice.detected_at})
        for event in before
        if event.event_id not in standing and (notice.retracted or getattr(event, "type", "") not in HISTORY)
    ]


def as_copy(original: Notice, notice: Notice) -> Notice:
    """The original with the revision and the times of its copy: what a copy means is what its original means. Pure."""
    own = {name: getattr(notice, name) for name in ("revision", "retracted", "detected_at", "illustrative")}
    return original.model_copy(update=own)


def by(notice: Notice, events: Iterable[EventBase]) -> list[EventBase]:
    """The events as this notice tells them: its address, its source, its times of publication and detection. Pure."""
    own = {
        "url": notice.url,
        "source_id": notice.source_id,
        "notice_id": notice.notice_id,
        "published_at": notice.published_at,
    }
    return [event.model_copy(update=own) for event in events]


def same(one: EventBase, other: EventBase) -> bool:
    """Whether two readings say the same, whenever they were made."""
    plain = {"revision": 1, "generation": 0, "sources": ()}
    return one.model_copy(update=plain) == other.model_copy(update=plain)


class Enrich:
    """The body of the agent ``enrich``. ``meaning`` is the pure function from a notice to its events."""

    def __init__(self, sinks: Sinks, meaning: Meaning) -> None:
        self._sinks = sinks
        self._meaning = meaning

    async def take(self, messages: Sequence[Consumed]) -> None:
        """Publish the events of each notice. Repeated after a kill, it publishes the same ids and orders again."""
        for message, batch in await self._sinks.readable(STAGE, messages, partial(decode, NoticeBatch)):
            with span(STAGE, message.trace, source_id=batch.source_id):
                await self._enrich(batch.notices, message)
        await self._sinks.done(messages)

    async def again(self, notices: Sequence[Notice], message: Consumed, generation: int) -> int:
        """Read notices anew, as the given generation; returns how many events changed. What says the same is left alone."""
        return await self._enrich(notices, message, generation)

    async def _enrich(self, notices: Sequence[Notice], message: Consumed, generation: int | None = None) -> int:
        again = generation is not None
        before = await self._before([n.notice_id for n in notices])
        first = await surely(lambda: originals(self._sinks.redis, notices), STAGE)
        given: dict[str, list[EventBase]] = {}
        said: list[Seen] = []
        for notice in notices:
            now = await self._read(notice, first.get(notice.notice_id), message)
            if now is None:
                continue
            gone = retractions(given.get(notice.notice_id, before.get(notice.notice_id, [])), now, notice)
            said += [_seen(notice, event, generation, gone=False) for event in now]
            said += [_seen(notice, event, generation, gone=True) for event in gone if not is_database(notice.source_id)]
            given[notice.notice_id] = now
        if notices and not given:
            self._sinks.brake.failed(STAGE)
        if again:
            said = await self._changed(said, generation or 0)
        await self._publish(said)
        # An earlier revision that comes again is not remembered as the last one: the next would retract the wrong events.
        late = {n.notice_id for n in notices if n.revision < _revision(before.get(n.notice_id, ()))}
        stand = ((one, now) for one, now in given.items() if one not in late and (now or one in before))
        await self._remember(dict(stand))
        return len({one.sighting.event.event_id for one in said})

    async def _read(self, notice: Notice, original: Notice | None, message: Consumed) -> list[EventBase] | None:
        """The events of a notice; None where no meaning could be read, which is a dead letter."""
        if notice.retracted:
            return []
        try:
            return by(notice, self._meaning(as_copy(original, notice) if original else notice))
        except Unusable as error:
            await self._sinks.bury(STAGE, _alone(notice, message), "a fact lacks its key", error)
            return by(notice, error.events)
        except Exception as error:  # noqa: BLE001  any fault of a rule costs one dead letter, never the worker
            await self._sinks.bury(STAGE, _alone(notice, message), "no meaning could be read", error)
            return None

    async def _changed(self, said: Sequence[Seen], generation: int) -> list[Seen]:
        """Of a re-reading, what is not as it was. What this generation noted is told again: it may not have been."""
        have = await surely(lambda: known(self._sinks.redis, sorted({s.sighting.event.event_id for s in said})), STAGE)
        return [one for one in said if not _stands(have.get(one.sighting.event.event_id, {}), one, generation)]

    async def _publish(self, said: Sequence[Seen]) -> None:
        """Note the sightings and publish what they make. If another worker noted one meanwhile, what they make now goes out
        too, so that the last word on the topic is never an older one."""
        told = await surely(lambda: sight(self._sinks.redis, said), STAGE)
        events = {event_id: merged(sightings) for event_id, sightings in told.items()}
        while events:
            await self._sinks.publish([record(event) for event in events.values()], STAGE)
            ids = sorted(events)
            have = await surely(partial(known, self._sinks.redis, ids), STAGE)
            later = {event_id: merged(sightings) for event_id, sightings in have.items()}
            events = {event_id: one for event_id, one in later.items() if one.order > events[event_id].order}

    async def _before(self, ids: list[str]) -> dict[str, list[EventBase]]:
        if not ids:
            return {}
        found = await surely(lambda: self._sinks.redis.hmget(layout.NOTICE_EVENTS, ids), STAGE)
        return {notice_id: _events(raw) for notice_id, raw in zip(ids, found, strict=True) if raw is not None}

    async def _remember(self, given: dict[str, list[EventBase]]) -> None:
        mapping: dict[layout.Scalar, layout.Scalar] = {
            notice_id: b"[" + b",".join(encode(event) for event in now) + b"]" for notice_id, now in given.items()
        }
        if mapping:
            await surely(lambda: hset(self._sinks.redis, layout.NOTICE_EVENTS, mapping), STAGE)


def _seen(notice: Notice, event: EventBase, generation: int | None, *, gone: bool) -> Seen:
    return Seen(witness(notice.source_id, notice.notice_id), Sighting(event, notice.revision, generation or 0, gone))


def _stands(have: Mapping[str, Sighting], one: Seen, generation: int) -> bool:
    old = have.get(one.witness)
    if old is None:
        return one.sighting.gone
    if old.generation == generation:
        return False
    return old.gone == one.sighting.gone and (old.gone or same(old.event, one.sighting.event))


def _alone(notice: Notice, message: Consumed) -> Consumed:
    batch = NoticeBatch(batch_id=notice.notice_id, source_id=notice.source_id, notices=(notice,))
    return replace(message, value=encode(batch))


def _revision(events: Iterable[EventBase]) -> int:
    return max((event.revision for event in events), default=0)


def _events(raw: bytes | str) -> list[EventBase]:
    try:
        return [EVENT.validate_python(item) for item in orjson.loads(raw)]
    except ValidationError:
        # Written by a version whose types are gone: nothing can be retracted by it any more.
        return []
