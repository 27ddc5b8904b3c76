"""One certificate of the town told in full: a text with evidence in it, and two revisions of both."""

from __future__ import annotations

from redis.asyncio import Redis

from events.event import EventBase
from events.labels import Evidence
from events.notice import Notice
from streams.store import Store
from streams.texts import keep
from tests.board.running import NOW
from tests.board.town import certificates

SHOWN = "certificate:国械注准20203210000"


async def explained(redis: Redis) -> None:
    """Give the certificate `SHOWN` a text with evidence in it, and two revisions of both. The town must be there."""
    store = Store(redis)
    first = next(e for e in certificates() if e.event_id == SHOWN)
    text = f"{first.title}\n注册人：Company 01\n采用深度学习算法，对肺部CT影像进行分析。"
    start = text.index("深度学习")
    evidence = (Evidence(label="is_ai", rule="term:深度学习", start=start, end=start + 4),)
    labels = first.labels.model_copy(update={"evidence": evidence})
    await store.apply([first.model_copy(update={"revision": 2, "product_name": "更正后的名称", "labels": labels})])
    bodies = ("注册人：Company 1\n采用深度学习算法。", text.partition("\n")[2])
    await keep(redis, [notice(first, n + 1, body) for n, body in enumerate(bodies)])


def notice(event: EventBase, revision: int, body: str) -> Notice:
    """A revision of the notice of an event."""
    return Notice(
        notice_id=event.notice_id,
        source_id=event.source_id,
        item_key="a",
        url=event.url,
        title=event.title,
        body=body,
        detected_at=NOW,
        revision=revision,
    )
