"""Tables that a person made, published like what a source said: the same file twice changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from events.notice import Notice
from events.wire import envelopes
from medpulse.house import House
from medpulse.jobs import job, known
from medpulse.settings import Settings
from scrapers.manual.reading import Import


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import published: notices that nobody knew, that say something else than before, and that are as they were."""

    new: int = 0
    changed: int = 0
    same: int = 0


async def publish(settings: Settings, table: Import) -> Imported:
    """Publish the notices of a table and return once they have been processed. Raises what servers and rooms raise."""

    async def work(home: House, _stop: asyncio.Event) -> Imported:
        before = await known(home.redis, [notice.notice_id for notice in table.notices])
        news = [n for n in table.notices if before.get(n.notice_id) != n.content_hash]
        send = partial(home.publisher.send_until_done, stage="import")
        if news:
            await send(envelopes(table.source_id, news))
        return _tally(table.notices, news, set(before))

    return await job(settings, work)


def _tally(notices: Sequence[Notice], news: Sequence[Notice], before: set[str]) -> Imported:
    changed = sum(1 for notice in news if notice.notice_id in before)
    return Imported(len(news) - changed, changed, len(notices) - len(news))
