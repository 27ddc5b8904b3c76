"""notices → notices.unique: what was seen before is dropped, what changed gets the next revision, a copy its original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from redis.asyncio import Redis

from events.consumed import Consumed
from events.notice import Notice, NoticeBatch
from events.topics import NOTICES_UNIQUE
from events.tracing import Trace, spans
from events.view import layout
from events.wire import Record, batch_records, decode, encode
from streams.agents.body import Body
from streams.copies.memory import join
from streams.sinks import hset, surely
from streams.texts import keep

STAGE = "dedupe"
Envelopes = Sequence[tuple[Consumed, NoticeBatch]]
"""Messages that can be read, with what they say."""
Seen = Mapping[str, tuple[int, str]]
"""Notice id → revision and content hash of what was last passed on."""


def novel(notices: Sequence[Notice], seen: Seen) -> list[Notice]:
    """The notices that say something new, in their order, each with its revision. Pure.

    A notice whose hash is the last one passed on is dropped; another hash is the next revision of the same notice.
    """
    last = dict(seen)
    passed: list[Notice] = []
    for notice in notices:
        revision, content = last.get(notice.notice_id, (0, ""))
        if content == notice.content_hash:
            continue
        last[notice.notice_id] = (revision + 1, notice.content_hash)
        first = revision == 0 and notice.revision == 1  # as it is
        passed.append(notice if first else notice.model_copy(update={"revision": revision + 1}))
    return passed


class Place(NamedTuple):
    """Where the message stood that made a notice's last revision, and when that was detected (`layout.NOTICE_PLACES`)."""

    partition: int
    offset: int
    detected_at: datetime

    @classmethod
    def read(cls, kept: str) -> Place:
        """As it is kept."""
        partition, offset, detected_at = kept.split(":", 2)
        return cls(int(partition), int(offset), datetime.fromisoformat(detected_at))

    @property
    def text(self) -> str:
        """As it is kept."""
        return f"{self.partition}:{self.offset}:{self.detected_at.isoformat()}"


def passed_before(notice: Notice, message: Consumed, place: Place | None) -> bool:
    """Whether a message is delivered again that came before the one that made the notice's last revision. Pure.

    Twice A then B is still B: passed on again, the first would be a revision that nobody published. Both marks of its place
    must say so: a topic made anew begins at offset 0 again, and a clock may jump back.
    """
    if place is None:
        return False
    earlier = message.partition == place.partition and message.offset <= place.offset
    return earlier and notice.detected_at <= place.detected_at


def place_of(notice: Notice, message: Consumed) -> Place:
    """The place of a notice that this message made. Pure."""
    return Place(message.partition, message.offset, notice.detected_at)


def said_anew(read: Envelopes, places: Mapping[str, Place], seen: Seen) -> list[list[Notice]]:
    """Of each envelope, in their order, what is to be passed on, as if the one before were remembered already. Pure."""
    where, last = dict(places), dict(seen)
    found: list[list[Notice]] = []
    for message, batch in read:
        said = [n for n in batch.notices if not passed_before(n, message, where.get(n.notice_id))]
        passed = novel(said, last)
        last |= {n.notice_id: (n.revision, n.content_hash) for n in passed}
        where |= {n.notice_id: place_of(n, message) for n in passed}
        found.append(passed)
    return found


class Dedupe(Body[Envelopes]):
    """The body of the agent ``dedupe``."""

    async def read(self, messages: Sequence[Consumed]) -> Envelopes:
        """What is in the envelopes."""
        return await self._sinks.readable(STAGE, messages, partial(decode, NoticeBatch))

    async def do(self, read: Envelopes) -> None:
        """Pass on what is new. The memory is written after the broker has acknowledged, so a kill repeats, never loses."""
        with spans(STAGE, [(message.trace, {"source_id": batch.source_id}) for message, batch in read]) as steps:
            await self._pass_on(read, [step.trace for step in steps])

    async def _pass_on(self, read: Envelopes, traces: Sequence[Trace | None]) -> None:
        """All envelopes at once: each step asks Redis, or the broker, once for all of them."""
        found = said_anew(read, *await self._known([n.notice_id for _, batch in read for n in batch.notices]))
        passed = [notice for one in found for notice in one]
        if not passed:
            return
        raws = [encode(notice) for notice in passed]
        await surely(partial(keep, self._sinks.redis, passed, raws), STAGE)
        joined = await surely(partial(join, self._sinks.redis, passed, raws), STAGE)
        raws = [raw if now is before else encode(now) for raw, before, now in zip(raws, passed, joined, strict=True)]
        records, start = list[Record](), 0
        for (_, batch), notices, trace in zip(read, found, traces, strict=True):
            some = slice(start, start + len(notices))
            made = batch_records(batch.source_id, batch.batch_id, joined[some], raws[some], NOTICES_UNIQUE, trace)
            for envelope, one in made:
                self._sinks.recent.put_batch(one.value, envelope)
                records.append(one)
            start += len(notices)
        await self._sinks.publish(records, STAGE)
        await self._remember([(message, one) for (message, _), one in zip(read, found, strict=True)])

    async def _known(self, ids: Sequence[str]) -> tuple[dict[str, Place], dict[str, tuple[int, str]]]:
        """`layout.NOTICE_PLACES` and `layout.NOTICES` of these notices."""
        asked = list(dict.fromkeys(ids))
        if not asked:
            return {}, {}
        places, seen = await surely(partial(_places_and_seen, self._sinks.redis, asked), STAGE)
        pairs = ((i, layout.text(raw).split(":", 1)) for i, raw in zip(asked, seen, strict=True) if raw is not None)
        return (
            {i: Place.read(layout.text(raw)) for i, raw in zip(asked, places, strict=True) if raw is not None},
            {i: (int(revision), content) for i, (revision, content) in pairs},
        )

    async def _remember(self, passed: Sequence[tuple[Consumed, Sequence[Notice]]]) -> None:
        seen: dict[layout.Scalar, layout.Scalar] = {}
        places: dict[layout.Scalar, layout.Scalar] = {}
        for message, notices in passed:
            seen |= {n.notice_id: f"{n.revision}:{n.content_hash}" for n in notices}
            places |= {n.notice_id: place_of(n, message).text for n in notices}
        await surely(lambda: hset(self._sinks.redis, layout.NOTICES, seen), STAGE)
        await surely(lambda: hset(self._sinks.redis, layout.NOTICE_PLACES, places), STAGE)


async def _places_and_seen(redis: Redis, ids: list[str]) -> tuple[list[bytes | None], list[bytes | None]]:
    async with redis.pipeline(transaction=False) as pipe:
        pipe.hmget(layout.NOTICE_PLACES, ids)
        pipe.hmget(layout.NOTICES, ids)
        places, seen = await pipe.execute()
        return places, seen
