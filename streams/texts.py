"""Keeping what notices say (`events.view.texts`): one call of the Redis Function for many."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from redis.asyncio import Redis

from events.notice import Notice
from events.view import layout
from events.view.bodies import pack as whole
from events.view.bodies import unpack as plain
from events.view.texts import KEPT, is_cut, pack, unpack
from events.wire import encode
from streams.store import call

AT_ONCE = 500
LARGEST = 256 * 1024
"""A notice that the list cuts is kept whole beside it up to so many bytes: a larger one is the original of nothing."""


async def keep(redis: Redis, notices: Sequence[Notice], raws: Sequence[bytes] | None = None) -> None:
    """Keep what the notices say. A revision that is kept already is not kept twice, so it may be repeated after a kill.

    ``raws`` are the notices as JSON where there is such.
    """
    said = list(zip(notices, raws or map(encode, notices), strict=True))
    for at in range(0, len(said), AT_ONCE):
        texts = [(notice.notice_id, pack(notice, raw)) for notice, raw in said[at : at + AT_ONCE]]
        sizes = orjson.dumps([(notice_id, len(text)) for notice_id, text in texts])
        args = [sizes, b"".join(text for _, text in texts), b"%d" % KEPT]
        await call(redis, "medpulse_keep", [layout.NOTICE_TEXT], args)


async def keep_whole(redis: Redis, notices: Sequence[Notice]) -> None:
    """Keep those that `keep` cuts beside it, whole."""
    cut = {one.notice_id: encode(one) for one in notices if is_cut(one)}
    mapping: dict[layout.Scalar, layout.Scalar] = {key: whole(raw) for key, raw in cut.items() if len(raw) <= LARGEST}
    if mapping:
        await redis.hset(layout.TEXTS, mapping=mapping)


async def texts_of(redis: Redis, ids: Sequence[str]) -> dict[str, Notice]:
    """The notices themselves, as they were last seen."""
    if not ids:
        return {}
    async with redis.pipeline(transaction=False) as pipe:
        pipe.hmget(layout.TEXTS, list(ids))
        for notice_id in ids:
            pipe.lindex(layout.notice_texts(notice_id), 0)
        entire, *short = await pipe.execute()
    found = {one: _later(*pair) for one, *pair in zip(ids, entire, short, strict=True)}
    return {notice_id: notice for notice_id, notice in found.items() if notice}


def _later(entire: bytes | None, short: bytes | None) -> Notice | None:
    """The later of what two keys have. An earlier version kept in `layout.TEXTS` what may meanwhile have been revised."""
    one = Notice.model_validate_json(plain(entire)) if entire else None
    other = unpack(short) if short else None
    if one is None or other is None:
        return one or other
    return other if other.revision > one.revision else one
