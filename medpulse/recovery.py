"""What the embedded broker took with it: it keeps topics in memory, so a kill loses what was written and not yet processed.

The notes of `events.flow` in the store, which survives, tell whether there was any. If so, everything that may have been
among it is made new again: the sources are read afresh, each notice passes once more as its next revision, and an alert that
reached nobody may be raised again. Events replace their own contributions, so nothing is counted twice. A backfill goes on
where it was: it moves its cursor only once what it published has been processed (`medpulse.backfill`).
"""

from __future__ import annotations

from redis.asyncio import Redis

from events.flow import forget
from events.view import layout
from events.view.reader import View

SCRAPERS = "medpulse:scraper:*"
BACKFILL = ":backfill"


async def recover(redis: Redis) -> int:
    """Make new again what may have been lost, and forget the old offsets. Returns how many messages had not been processed."""
    lost = sum((await View(redis).backlog()).values())
    if lost:
        async for key in redis.scan_iter(match=SCRAPERS, count=500):
            if not layout.text(key).endswith(BACKFILL):
                await redis.delete(key)
        async for notice_id, seen in redis.hscan_iter(layout.NOTICES, count=500):
            # The revision stays, so that the next one is greater; no content is ever equal to none.
            await redis.hset(layout.NOTICES, layout.text(notice_id), f"{layout.text(seen).partition(':')[0]}:")
        await _untold(redis)
    await forget(redis)
    await redis.delete(layout.NOTICE_PLACES)  # offsets of topics that are gone
    return lost


async def _untold(redis: Redis) -> None:
    """Forget the alerts that wait nowhere and were delivered to nobody."""
    from alerts.ledger.groups import GroupStore  # noqa: PLC0415 (the alerts cost a worker time that it should not pay)
    from alerts.rules_memory import RulesMemory  # noqa: PLC0415

    waiting = await GroupStore(redis).waiting()
    told = {layout.text(key).rpartition("|")[0] for key in await redis.hkeys(layout.DELIVERED)}
    gone = [one for raw in await redis.hkeys(layout.ALERTS) if (one := layout.text(raw)) not in waiting | told]
    if gone:
        await redis.hdel(layout.ALERTS, *gone)
        await RulesMemory(redis).untold(set(gone))
