"""Where cards and merges are kept, and how two workers that meet two copies at once still agree which is the original."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from redis.asyncio import Redis

from events.base import Message, UtcDatetime
from events.notice import Notice
from events.view import layout
from events.wire import encode
from streams.copies.card import Card, Likeness, card, likeness, signatures
from streams.store import call

LARGEST = 256 * 1024
"""A notice of more bytes is not kept, so it is the original of nothing."""
_MOST = 50


class Merge(Message):
    """A notice that is a copy of another. One that was undone stays on record, and the two are never joined again."""

    notice_id: str
    into: str
    rule: str
    why: str
    title: str
    url: str
    into_title: str
    into_url: str
    at: UtcDatetime
    undone_at: UtcDatetime | None = None
    undone_by: str | None = None

    @property
    def holds(self) -> bool:
        """Whether it was not undone."""
        return self.undone_at is None


async def join(redis: Redis, notices: Sequence[Notice]) -> list[Notice]:
    """The notices, those that are copies marked with their original. Repeated, it finds the same.

    A card is put down and those that were there before it are read in one atomic step: of two copies that come at once, one
    sees the other, never both or neither. Originals are those with the lower serial number.
    """
    asked = [
        (notice, own, raw) for notice in notices if (own := card(notice)) and len(raw := encode(notice)) <= LARGEST
    ]
    if not asked:
        return list(notices)
    known = await merges_of(redis, [own.notice_id for _, own, _ in asked])
    met = await _meet(redis, [(own, raw) for _, own, raw in asked])
    copies: dict[tuple[str, int], str] = {}
    for (notice, own, _), found in zip(asked, met, strict=True):
        merge = await _decide(redis, own, found, known.get(own.notice_id), notice)
        if merge and merge.holds:
            known[own.notice_id] = merge
            copies[notice.notice_id, notice.revision] = merge.into
    return [
        notice.model_copy(update={"same_as": into})
        if (into := copies.get((notice.notice_id, notice.revision)))
        else notice
        for notice in notices
    ]


async def _decide(redis: Redis, own: Card, found: Sequence[Card], before: Merge | None, notice: Notice) -> Merge | None:
    vetoed = {before.into} if before and not before.holds else set()
    alike = [(other, why) for other in found if (why := likeness(own, other))]
    if not alike:
        if before and before.holds:
            await redis.hdel(layout.JOINED, own.notice_id)  # a revision made it another document
        return before if vetoed else None
    other, why = min(alike, key=lambda pair: pair[0].serial)
    up = (await merges_of(redis, [other.notice_id])).get(other.notice_id)
    into = up.into if up and up.holds else other.notice_id
    if into in vetoed or into == own.notice_id:
        return before
    merge = await _merge(redis, own, other, into, why, notice)
    if before is None or not before.holds or (before.into, before.rule) != (merge.into, merge.rule):
        await redis.hset(layout.JOINED, own.notice_id, merge.model_dump_json())
        return merge
    return before


async def _merge(redis: Redis, own: Card, other: Card, into: str, why: Likeness, notice: Notice) -> Merge:
    target = other if into == other.notice_id else (await cards_of(redis, [into])).get(into, other)
    return Merge(
        notice_id=own.notice_id,
        into=into,
        rule=why.rule,
        why=why.why,
        title=own.title,
        url=own.url,
        into_title=target.title,
        into_url=target.url,
        at=notice.detected_at,
    )


async def _meet(redis: Redis, put: Sequence[tuple[Card, bytes]]) -> list[list[Card]]:
    """Put down cards with their notices, in their order; for each the cards that were put down before it under one of its
    signatures."""
    calls: list[tuple[list[str], list[str | bytes]]] = [
        (
            [layout.CARDS, layout.TEXTS, *(layout.signature(name) for name in signatures(own))],
            [own.notice_id, own.model_dump_json(), raw, str(_MOST)],
        )
        for own, raw in put
    ]
    first = await call(redis, "medpulse_meet", *calls[0])
    async with redis.pipeline(transaction=False) as pipe:
        for keys, args in calls[1:]:
            pipe.fcall("medpulse_meet", len(keys), *keys, *args)
        answers = [first, *await pipe.execute()]
    return [[_read(*pair) for pair in zip(answer[::2], answer[1::2], strict=True)] for answer in answers]


@lru_cache(maxsize=4096)
def _read(serial: bytes | str, value: bytes | str) -> Card:
    """A card as it is kept. The same ones are met again and again where an office gives all its notices one title."""
    return Card.model_validate_json(value).model_copy(update={"serial": int(serial)})


async def originals(redis: Redis, notices: Iterable[Notice]) -> dict[str, Notice]:
    """For each notice that is a copy, by its id: what its original says. Where that was not kept, it stands for itself."""
    asked = [notice for notice in notices if notice.same_as]
    if not asked:
        return {}
    merges = await merges_of(redis, [notice.notice_id for notice in asked])
    into = {n.notice_id: m.into for n in asked if (m := merges.get(n.notice_id)) and m.holds}
    texts = await texts_of(redis, sorted(set(into.values())))
    return {notice_id: texts[first] for notice_id, first in into.items() if first in texts}


async def merges_of(redis: Redis, ids: Sequence[str]) -> dict[str, Merge]:
    """The merges of these notices, undone ones too."""
    found = await redis.hmget(layout.JOINED, list(ids)) if ids else []
    return {i: Merge.model_validate_json(raw) for i, raw in zip(ids, found, strict=True) if raw}


async def all_merges(redis: Redis) -> list[Merge]:
    """Every merge, undone ones too, the latest first."""
    found = await redis.hgetall(layout.JOINED)
    merges = [Merge.model_validate_json(raw) for raw in found.values()]
    return sorted(merges, key=lambda one: (one.at, one.notice_id), reverse=True)


async def cards_of(redis: Redis, ids: Sequence[str]) -> dict[str, Card]:
    """The cards of these notices."""
    found = await redis.hmget(layout.CARDS, list(ids)) if ids else []
    return {i: _card(raw) for i, raw in zip(ids, found, strict=True) if raw}


async def texts_of(redis: Redis, ids: Sequence[str]) -> dict[str, Notice]:
    """The notices themselves, as they were last seen."""
    found = await redis.hmget(layout.TEXTS, list(ids)) if ids else []
    return {i: Notice.model_validate_json(raw) for i, raw in zip(ids, found, strict=True) if raw}


def _card(raw: object) -> Card:
    serial, _, body = layout.text(raw).partition("\n")
    return Card.model_validate_json(body).model_copy(update={"serial": int(serial)})
