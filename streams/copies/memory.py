"""Where cards and merges are kept, and how two workers that meet two copies at once still agree which is the original."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import orjson
from redis.asyncio import Redis

from events.base import Message, UtcDatetime
from events.notice import Notice
from events.view import layout
from events.wire import encode
from streams.copies.card import Card, Likeness, card, likeness, signatures
from streams.store import call
from streams.texts import LARGEST, keep_whole, texts_of

_MOST = 50
_AT_ONCE = 200


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


async def join(redis: Redis, notices: Sequence[Notice], raws: Sequence[bytes] | None = None) -> list[Notice]:
    """The notices, those that are copies marked with their original. Repeated, it finds the same.

    A card is put down and those that were there before it are read in one atomic step: of two copies that come at once, one
    sees the other, never both or neither. Originals are those with the lower serial number. What the notices say is kept
    already (`streams.texts.keep`), so that whoever finds a card finds its text. ``raws`` are the notices as JSON, if known.
    """
    encoded = raws or [encode(notice) for notice in notices]
    asked = [
        (notice, own)
        for notice, raw in zip(notices, encoded, strict=True)
        if (own := card(notice)) and len(raw) <= LARGEST
    ]
    if not asked:
        return list(notices)
    await keep_whole(redis, [notice for notice, _ in asked])
    known = await merges_of(redis, [own.notice_id for _, own in asked])
    met = await _meet(redis, [own for _, own in asked])
    copies: dict[tuple[str, int], str] = {}
    for (notice, own), found in zip(asked, met, strict=True):
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


async def _meet(redis: Redis, put: Sequence[Card]) -> list[list[Card]]:
    """Put down cards, in their order; for each the cards that were put down before it under one of its signatures."""
    found: list[list[Card]] = []
    for at in range(0, len(put), _AT_ONCE):
        some = put[at : at + _AT_ONCE]
        raws = [encode(own) for own in some]
        rows = [(own.notice_id, raw.decode(), signatures(own)) for own, raw in zip(some, raws, strict=True)]
        keys, args = [layout.CARDS, layout.SIGNATURE], [orjson.dumps(rows), b"%d" % _MOST]
        told, *places = await call(redis, "medpulse_introduce", keys, args)
        mine: dict[bytes | str, Card] = dict(zip(raws, some, strict=True))
        cards = [_card(serial, raw, mine) for serial, raw in zip(told[::2], told[1::2], strict=True)]
        found += [[cards[place - 1] for place in met] for met in places]
    return found


def _card(serial: bytes | str, value: bytes | str, mine: Mapping[bytes | str, Card] | None = None) -> Card:
    """The card that is kept as ``value`` under its serial number; one of ``mine``, just put down, needs not be read."""
    return ((mine or {}).get(value) or _read(value)).model_copy(update={"serial": int(serial)})


@lru_cache(maxsize=4096)
def _read(value: bytes | str) -> Card:
    """A card as it is kept. The same ones are met again and again where an office gives all its notices one title."""
    return Card.model_validate_json(value)


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
    kept = {i: layout.text(raw).partition("\n") for i, raw in zip(ids, found, strict=True) if raw}
    return {i: _card(serial, value) for i, (serial, _, value) in kept.items()}
