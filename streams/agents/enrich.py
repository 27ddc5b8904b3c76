"""notices.unique → events: what each notice means; what a notice no longer says is retracted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import orjson
from pydantic import ValidationError

from events.consumed import Consumed
from events.event import EVENT, EventBase
from events.notice import Notice, NoticeBatch
from events.view import layout
from events.wire import decode, encode, record
from streams.enrich.make.common import Unusable
from streams.sinks import Sinks, hset, surely

STAGE = "enrich"
HISTORY = frozenset({"ipo_progress"})
"""Types whose earlier facts stay true when their notice moves on: a project that is now registered was once accepted."""

Meaning = Callable[[Notice], list[EventBase]]


def retractions(before: Iterable[EventBase], now: Iterable[EventBase], notice: Notice) -> list[EventBase]:
    """The events that an earlier revision of a notice gave and this one does not, each as its own retraction. Pure."""
    standing = {event.event_id for event in now}
    return [
        event.model_copy(update={"retracted": True, "revision": notice.revision, "detected_at": notice.detected_at})
        for event in before
        if event.event_id not in standing and (notice.retracted or getattr(event, "type", "") not in HISTORY)
    ]


class Enrich:
    """The body of the agent ``enrich``. ``meaning`` is the pure function from a notice to its events."""

    def __init__(self, sinks: Sinks, meaning: Meaning) -> None:
        self._sinks = sinks
        self._meaning = meaning

    async def take(self, messages: Sequence[Consumed]) -> None:
        """Publish the events of each notice. Repeated after a kill, it publishes the same ids and orders again."""
        for message, batch in await self._sinks.readable(STAGE, messages, partial(decode, NoticeBatch)):
            await self._enrich(batch, message)
        await self._sinks.done(messages)

    async def _enrich(self, batch: NoticeBatch, message: Consumed) -> None:
        before = await self._before([n.notice_id for n in batch.notices])
        given: dict[str, list[EventBase]] = {}
        gone: list[EventBase] = []
        for notice in batch.notices:
            try:
                now = [] if notice.retracted else self._meaning(notice)
            except Unusable as error:
                await self._sinks.bury(STAGE, _alone(notice, message), "a fact lacks its key", error)
                now = list(error.events)
            except Exception as error:  # noqa: BLE001  any fault of a rule costs one dead letter, never the worker
                await self._sinks.bury(STAGE, _alone(notice, message), "no meaning could be read", error)
                continue
            gone += retractions(given.get(notice.notice_id, before.get(notice.notice_id, [])), now, notice)
            given[notice.notice_id] = now
        if batch.notices and not given:
            self._sinks.brake.failed(STAGE)
        events = [event for now in given.values() for event in now]
        await self._sinks.publish([record(event) for event in (*events, *gone)], STAGE)
        # An earlier revision that comes again is not remembered as the last one: the next would retract the wrong events.
        late = {n.notice_id for n in batch.notices if n.revision < _revision(before.get(n.notice_id, ()))}
        known = ((one, now) for one, now in given.items() if one not in late and (now or one in before))
        await self._remember(dict(known))

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


def _alone(notice: Notice, message: Consumed) -> Consumed:
    batch = NoticeBatch(batch_id=notice.notice_id, source_id=notice.source_id, notices=(notice,))
    return Consumed(message.topic, message.partition, message.offset, message.key, encode(batch))


def _revision(events: Iterable[EventBase]) -> int:
    return max((event.revision for event in events), default=0)


def _events(raw: bytes | str) -> list[EventBase]:
    try:
        return [EVENT.validate_python(item) for item in orjson.loads(raw)]
    except ValidationError:
        # Written by a version whose types are gone: nothing can be retracted by it any more.
        return []
