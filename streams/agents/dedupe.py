"""notices → notices.unique: what was seen before is dropped, what changed gets the next revision, a copy its original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from events.consumed import Consumed
from events.notice import Notice, NoticeBatch
from events.topics import NOTICES_UNIQUE
from events.tracing import span
from events.view import layout
from events.view.texts import keep
from events.wire import batches, decode, record
from streams.copies.memory import join
from streams.sinks import Sinks, hset, surely

STAGE = "dedupe"
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
        passed.append(notice.model_copy(update={"revision": revision + 1}))
    return passed


def passed_before(notice: Notice, message: Consumed, place: str | None) -> bool:
    """Whether a message is delivered again that came before the one that made the notice's last revision. Pure.

    Twice A then B is still B: passed on again, the first would be a revision that nobody published. ``place`` is what
    `layout.NOTICE_PLACES` has. Both marks must say so: a topic made anew begins at offset 0 again, and a clock may jump back.
    """
    if place is None:
        return False
    partition, offset, detected_at = place.split(":", 2)
    earlier = message.partition == int(partition) and message.offset <= int(offset)
    return earlier and notice.detected_at <= datetime.fromisoformat(detected_at)


class Dedupe:
    """The body of the agent ``dedupe``."""

    def __init__(self, sinks: Sinks) -> None:
        self._sinks = sinks

    async def take(self, messages: Sequence[Consumed]) -> None:
        """Pass on what is new. The memory is written after the broker has acknowledged, so a kill repeats, never loses."""
        for message, batch in await self._sinks.readable(STAGE, messages, partial(decode, NoticeBatch)):
            with span(STAGE, message.trace, source_id=batch.source_id):
                await self._pass_on(message, batch)
        await self._sinks.done(messages)

    async def _pass_on(self, message: Consumed, batch: NoticeBatch) -> None:
        places = await self._places([n.notice_id for n in batch.notices])
        said = [n for n in batch.notices if not passed_before(n, message, places.get(n.notice_id))]
        passed = novel(said, await self._seen([n.notice_id for n in said]))
        passed = await surely(partial(join, self._sinks.redis, passed), STAGE)
        records = [record(b, NOTICES_UNIQUE) for b in batches(batch.source_id, batch.batch_id, passed)]
        await self._sinks.publish(records, STAGE)
        await surely(partial(keep, self._sinks.redis, passed), STAGE)
        await self._remember(passed, message)

    async def _seen(self, ids: list[str]) -> Seen:
        if not ids:
            return {}
        found = await surely(lambda: self._sinks.redis.hmget(layout.NOTICES, ids), STAGE)
        pairs = ((i, layout.text(raw).split(":", 1)) for i, raw in zip(ids, found, strict=True) if raw is not None)
        return {i: (int(revision), content) for i, (revision, content) in pairs}

    async def _places(self, ids: list[str]) -> dict[str, str]:
        if not ids:
            return {}
        found = await surely(lambda: self._sinks.redis.hmget(layout.NOTICE_PLACES, ids), STAGE)
        return {i: layout.text(raw) for i, raw in zip(ids, found, strict=True) if raw is not None}

    async def _remember(self, passed: Sequence[Notice], message: Consumed) -> None:
        mapping: dict[layout.Scalar, layout.Scalar] = {n.notice_id: f"{n.revision}:{n.content_hash}" for n in passed}
        at = f"{message.partition}:{message.offset}"
        places: dict[layout.Scalar, layout.Scalar] = {n.notice_id: f"{at}:{n.detected_at.isoformat()}" for n in passed}
        if mapping:
            await surely(lambda: hset(self._sinks.redis, layout.NOTICES, mapping), STAGE)
            await surely(lambda: hset(self._sinks.redis, layout.NOTICE_PLACES, places), STAGE)
