"""notices.unique → events: what each notice means; what a notice no longer says is retracted, unless another still says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from events.consumed import Consumed
from events.event import EVENT, EventBase
from events.notice import Notice, NoticeBatch
from events.tracing import Trace, spans, within
from events.view import layout
from events.wire import encode, record
from streams.agents.body import Body
from streams.ahead import breathing
from streams.copies.memory import originals
from streams.enrich.make.common import Unusable
from streams.recent import Published
from streams.sightings import Seen, Sighting, is_database, known, later, said_by, sight, witness
from streams.sinks import Sinks, hset, surely

STAGE = "enrich"
HISTORY = frozenset({"ipo_progress"})
"""Types whose earlier facts stay true when their notice moves on: a project that is now registered was once accepted."""

_OWN_NAMES = ("url", "source_id", "notice_id", "published_at")
_OWN = attrgetter(*_OWN_NAMES)
"""What an event has of the notice that tells it."""

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
    own = _OWN(notice)
    return [
        event if _OWN(event) == own else event.model_copy(update=dict(zip(_OWN_NAMES, own, strict=True)))
        for event in events
    ]


@dataclass(frozen=True, slots=True)
class Before:
    """What the last revision of a notice gave: ids of events. ``events`` are set where an earlier version kept them whole."""

    revision: int
    ids: tuple[str, ...]
    events: tuple[EventBase, ...] = ()


def memory_of(revision: int, events: Iterable[EventBase]) -> bytes:
    """What is remembered of a notice (`layout.NOTICE_EVENTS`). Pure."""
    return orjson.dumps({"revision": revision, "ids": [event.event_id for event in events]})


def before_of(raw: bytes | str) -> Before:
    """The inverse, also of what earlier versions remembered. Pure."""
    said = orjson.loads(raw)
    if isinstance(said, dict):
        return Before(said["revision"], tuple(said["ids"]))
    try:
        events = tuple(EVENT.validate_python(item) for item in said)
    except ValidationError:
        # Written by a version whose types are gone: nothing can be retracted by it any more.
        events = ()
    return Before(_revision(events), tuple(event.event_id for event in events), events)


class Meant(NamedTuple):
    """A notice with its events; None where no meaning could be read, which is a dead letter."""

    notice: Notice
    events: list[EventBase] | None


class Envelope(NamedTuple):
    """What a message brought."""

    message: Consumed
    source_id: str
    meant: list[Meant]


def groups(read: Sequence[Envelope]) -> Iterator[list[Envelope]]:
    """Envelopes that can be noted at once: no notice is in two of them, so that each of its revisions is published. Pure."""
    held: list[Envelope] = []
    ids: set[str] = set()
    for envelope in read:
        mine = {one.notice.notice_id for one in envelope.meant}
        if held and ids & mine:
            yield held
            held, ids = [], set()
        held.append(envelope)
        ids |= mine
    if held:
        yield held


def same(one: EventBase, other: EventBase) -> bool:
    """Whether two readings say the same, whenever they were made."""
    plain = {"revision": 1, "generation": 0, "sources": ()}
    return one.model_copy(update=plain) == other.model_copy(update=plain)


class Enrich(Body[list[Envelope]]):
    """The body of the agent ``enrich``. ``meaning`` is the pure function from a notice to its events."""

    def __init__(self, sinks: Sinks, meaning: Meaning) -> None:
        super().__init__(sinks)
        self._meaning = meaning

    async def read(self, messages: Sequence[Consumed]) -> list[Envelope]:
        """The events of each notice."""
        said = await self._sinks.readable(STAGE, messages, self._sinks.recent.batch)
        notices = [notice for _, batch in said for notice in batch.notices]
        first = await surely(lambda: originals(self._sinks.redis, notices), STAGE)
        return [Envelope(m, batch.source_id, await self._meant(batch.notices, first, m)) for m, batch in said]

    async def do(self, read: list[Envelope]) -> None:
        """Publish the events. Repeated after a kill, it publishes the same ids and orders again."""
        for group in groups(read):
            with spans(STAGE, [(one.message.trace, {"source_id": one.source_id}) for one in group]) as steps:
                traced = zip(group, [step.trace for step in steps], strict=True)
                await self._note([(meant, trace) for one, trace in traced for meant in one.meant])

    async def again(self, notices: Sequence[Notice], message: Consumed, generation: int) -> int:
        """Read notices anew, as the given generation; returns how many events changed. What says the same is left alone."""
        first = await surely(lambda: originals(self._sinks.redis, notices), STAGE)
        meant = await self._meant(notices, first, message)
        return await self._note([(one, message.trace) for one in meant], generation)

    async def _meant(self, notices: Sequence[Notice], first: Mapping[str, Notice], message: Consumed) -> list[Meant]:
        with within(message.trace):
            meant = [
                Meant(notice, await self._read(notice, first.get(notice.notice_id), message))
                async for notice in breathing(notices)
            ]
        if meant and all(one.events is None for one in meant):
            self._sinks.brake.failed(STAGE)
        return meant

    async def _note(self, meant: Sequence[tuple[Meant, Trace | None]], generation: int | None = None) -> int:
        """Note and publish what notices mean; returns how many events were said, or taken back."""
        notices = [one.notice for one, _ in meant]
        before = await self._before([n.notice_id for n in notices])
        given: dict[str, list[EventBase]] = {}
        said: list[Seen] = []
        traces: dict[str, Trace | None] = {}
        for (notice, now), trace in meant:
            if now is None:
                continue
            was = given.get(notice.notice_id)
            if was is None:
                was = await self._gone(notice, before.get(notice.notice_id), now)
            gone = retractions(was, now, notice)
            told = [_seen(notice, event, generation, gone=False) for event in now]
            told += [_seen(notice, event, generation, gone=True) for event in gone if not is_database(notice.source_id)]
            traces |= {one.sighting.event.event_id: trace for one in told}
            said += told
            given[notice.notice_id] = now
        if generation is not None:
            said = await self._changed(said, generation)
        await self._publish(said, traces)
        await self._remember(notices, given, before)
        return len({one.sighting.event.event_id for one in said})

    async def _gone(self, notice: Notice, before: Before | None, now: Sequence[EventBase]) -> list[EventBase]:
        """Of what a notice gave before, the events that it does not give now, as it told them."""
        if before is None or before.events:
            return list(before.events) if before else []
        ids = sorted(set(before.ids) - {event.event_id for event in now})
        if not ids:
            return []
        who = witness(notice.source_id, notice.notice_id)
        return await surely(lambda: said_by(self._sinks.redis, [(one, who) for one in ids]), STAGE)

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

    async def _publish(self, said: Sequence[Seen], traces: Mapping[str, Trace | None]) -> None:
        """Note the sightings and publish what they make. If another worker noted one meanwhile, what they make now goes out
        too, so that the last word on the topic is never an older one."""
        told = await surely(lambda: sight(self._sinks.redis, said), STAGE)
        while told:
            records = [record(one.event, trace=traces.get(key), value=one.value) for key, one in told.items()]
            for one in told.values():
                if one.raw is not None and one.packed is not None:
                    self._sinks.recent.put(one.raw, Published(one.event, one.packed))
            await self._sinks.publish(records, STAGE)
            sent = {event_id: one.event for event_id, one in told.items()}
            told = await surely(partial(later, self._sinks.redis, sent), STAGE)

    async def _before(self, ids: list[str]) -> dict[str, Before]:
        if not ids:
            return {}
        found = await surely(lambda: self._sinks.redis.hmget(layout.NOTICE_EVENTS, ids), STAGE)
        return {notice_id: before_of(raw) for notice_id, raw in zip(ids, found, strict=True) if raw is not None}

    async def _remember(
        self, notices: Sequence[Notice], given: Mapping[str, list[EventBase]], before: Mapping[str, Before]
    ) -> None:
        # An earlier revision that comes again is not remembered as the last one: the next would retract the wrong events.
        late = {n.notice_id for n in notices if n.notice_id in before and n.revision < before[n.notice_id].revision}
        mapping: dict[layout.Scalar, layout.Scalar] = {
            notice.notice_id: memory_of(notice.revision, given[notice.notice_id])
            for notice in notices
            if notice.notice_id in given
            and notice.notice_id not in late
            and (given[notice.notice_id] or notice.notice_id in before)
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
    return message._replace(value=encode(batch))


def _revision(events: Iterable[EventBase]) -> int:
    return max((event.revision for event in events), default=0)
