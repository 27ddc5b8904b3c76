"""The text that a notice was read from, kept beside the view so that people can see the evidence in it.

The last `KEPT` revisions of each notice are packed in a list of Redis, some 250 bytes a short notice. A body longer than
`LONGEST` characters is cut: the evidence of a long file is in its attachments, which the archive keeps whole. `streams.texts`
writes them.
"""

from __future__ import annotations

import zlib

import orjson
from redis.asyncio import Redis

from events.notice import Notice
from events.view import bodies, layout
from events.wire import encode

KEPT = 5
LONGEST = 60_000


def is_cut(notice: Notice) -> bool:
    """Whether `pack` leaves some of a notice out."""
    return len(notice.body) > LONGEST or any(one.pages for one in notice.attachments)


def pack(notice: Notice, said: bytes | None = None) -> bytes:
    """A notice without the texts of its attachments, which are long. ``said`` is its JSON where there is such."""
    if said is not None and not is_cut(notice):
        return bodies.pack(said)
    bare = tuple(one.model_copy(update={"pages": ()}) for one in notice.attachments)
    return bodies.pack(encode(notice.model_copy(update={"body": notice.body[:LONGEST], "attachments": bare})))


def unpack(raw: bytes) -> Notice:
    """The inverse of `pack`, also of what earlier versions packed (zlib). Raises ValueError for what is none."""
    if raw[:1] in (bodies.PACKED, bodies.DEFLATED):
        return Notice.model_validate_json(bodies.unpack(raw))
    try:
        text = zlib.decompressobj().decompress(raw, bodies.LARGEST)
    except zlib.error as error:
        raise ValueError(f"not the text of a notice: {error}") from error
    return Notice.model_validate(orjson.loads(text))


async def revisions(redis: Redis, notice_id: str) -> list[Notice]:
    """The revisions of a notice that are kept, the newest first. Raises ValueError for one that cannot be read."""
    found = await redis.lrange(layout.notice_texts(notice_id), 0, KEPT - 1)
    return [unpack(raw) for raw in found if isinstance(raw, bytes)]
