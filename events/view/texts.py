"""The text that a notice was read from, kept beside the view so that people can see the evidence in it.

The last `KEPT` revisions of each notice are packed (zlib over JSON) in a list of Redis, about 1 KB a notice. A body longer than
`LONGEST` characters is cut: the evidence of a long file is in its attachments, which the archive keeps whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import orjson
from redis.asyncio import Redis

from events.notice import Notice
from events.view import layout

KEPT = 5
LONGEST = 60_000
_LARGEST = 8 * 1024 * 1024


def pack(notice: Notice) -> bytes:
    """A notice without the texts of its attachments, which are long."""
    bare = tuple(one.model_copy(update={"pages": ()}) for one in notice.attachments)
    short = notice.model_copy(update={"body": notice.body[:LONGEST], "attachments": bare})
    return zlib.compress(short.model_dump_json().encode(), 6)


def unpack(raw: bytes) -> Notice:
    """The inverse of `pack`. Raises ValueError for what is none."""
    try:
        text = zlib.decompressobj().decompress(raw, _LARGEST)
    except zlib.error as error:
        raise ValueError(f"not the text of a notice: {error}") from error
    return Notice.model_validate(orjson.loads(text))


async def keep(redis: Redis, notices: Sequence[Notice]) -> None:
    """Keep what the notices say. A revision that is kept already is not kept twice, so it may be repeated after a kill."""
    if not notices:
        return
    async with redis.pipeline(transaction=False) as pipe:
        for notice in notices:
            key, packed = layout.notice_texts(notice.notice_id), pack(notice)
            pipe.lrem(key, 0, packed)  # type: ignore[arg-type]  # redis-py types the value as text
            pipe.lpush(key, packed)
            pipe.ltrim(key, 0, KEPT - 1)
        await pipe.execute()


async def revisions(redis: Redis, notice_id: str) -> list[Notice]:
    """The revisions of a notice that are kept, the newest first. Raises ValueError for one that cannot be read."""
    found = await redis.lrange(layout.notice_texts(notice_id), 0, KEPT - 1)
    return [unpack(raw) for raw in found if isinstance(raw, bytes)]
