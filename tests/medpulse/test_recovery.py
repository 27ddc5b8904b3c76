"""After a kill of the embedded mode: what was in the broker's memory is made new again, and only then."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from alerts.ledger.keys import INBOX
from events.flow import note_processed, note_produced
from events.topics import NOTICES
from events.view import layout
from events.view.reader import View
from medpulse.recovery import recover
from streams.agents.dedupe import novel
from tests.streams.make import notice

ONE = notice("1")


async def _worked(redis: Redis, processed: int) -> None:
    """An instance that wrote five messages, and delivered one alert, with another that waits to be told."""
    await note_produced(redis, [(NOTICES.name, 0, 4)])
    await note_processed(redis, layout.STREAMS, [(NOTICES.name, 0, processed - 1)])
    await redis.hset(layout.NOTICES, ONE.notice_id, f"3:{ONE.content_hash}")
    await redis.hset("medpulse:scraper:{cmde-guidance}:seen", ONE.item_key, "hash")
    await redis.set("medpulse:scraper:{cmde-guidance}:backfill", "a cursor")
    for alert in ("delivered", "waiting", "lost"):
        await redis.hset(layout.ALERTS, alert, "{}")
    await redis.hset(layout.DELIVERED, "delivered|team", "{}")
    await redis.rpush(INBOX, "waiting")


async def _passes_again(redis: Redis) -> list[int]:
    raw = await redis.hget(layout.NOTICES, ONE.notice_id)
    assert isinstance(raw, bytes)
    revision, _, content = raw.decode().partition(":")
    return [passed.revision for passed in novel([ONE], {ONE.notice_id: (int(revision), content)})]


@pytest.mark.asyncio
async def test_an_orderly_end_leaves_everything_as_it_was(redis: Redis) -> None:
    await _worked(redis, processed=5)
    assert await recover(redis) == 0
    assert await _passes_again(redis) == []
    assert await redis.exists("medpulse:scraper:{cmde-guidance}:seen")
    assert await redis.hlen(layout.ALERTS) == 3
    assert not any((await View(redis).backlog()).values())


@pytest.mark.asyncio
async def test_what_was_in_flight_passes_once_more_as_a_greater_revision(redis: Redis) -> None:
    await _worked(redis, processed=3)
    assert await recover(redis) == 2
    assert await _passes_again(redis) == [4]
    assert not await redis.exists("medpulse:scraper:{cmde-guidance}:seen")
    assert await redis.exists("medpulse:scraper:{cmde-guidance}:backfill"), "what lies before a cursor was processed"
    assert sorted(await redis.hkeys(layout.ALERTS)) == [b"delivered", b"waiting"]
    assert await recover(redis) == 0
