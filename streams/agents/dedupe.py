"""notices → notices.unique: what was seen before is dropped, what changed gets the next revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from events.consumed import Consumed
from events.notice import Notice, NoticeBatch
from events.topics import NOTICES_UNIQUE
from events.view import layout
from events.view.texts import keep
from events.wire import batches, decode, record
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


class Dedupe:
    """The body of the agent ``dedupe``."""

    def __init__(self, sinks: Sinks) -> None:
        self._sinks = sinks

    async def take(self, messages: Sequence[Consumed]) -> None:
        """Pass on what is new. The memory is written after the broker has acknowledged, so a kill repeats, never loses."""
        for _, batch in await self._sinks.readable(STAGE, messages, partial(decode, NoticeBatch)):
            passed = novel(batch.notices, await self._seen([n.notice_id for n in batch.notices]))
            records = [record(b, NOTICES_UNIQUE) for b in batches(batch.source_id, batch.batch_id, passed)]
            await self._sinks.publish(records, STAGE)
            await surely(partial(keep, self._sinks.redis, passed), STAGE)
            await self._remember(passed)
        await self._sinks.done(messages)

    async def _seen(self, ids: list[str]) -> Seen:
        if not ids:
            return {}
        found = await surely(lambda: self._sinks.redis.hmget(layout.NOTICES, ids), STAGE)
        pairs = ((i, layout.text(raw).split(":", 1)) for i, raw in zip(ids, found, strict=True) if raw is not None)
        return {i: (int(revision), content) for i, (revision, content) in pairs}

    async def _remember(self, passed: Sequence[Notice]) -> None:
        mapping: dict[layout.Scalar, layout.Scalar] = {n.notice_id: f"{n.revision}:{n.content_hash}" for n in passed}
        if mapping:
            await surely(lambda: hset(self._sinks.redis, layout.NOTICES, mapping), STAGE)
