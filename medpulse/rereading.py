"""Notices read anew: all of them after a change of taxonomy, register or rules, or one whose merge was undone."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from events.consumed import Consumed
from events.notice import NoticeBatch
from events.topics import NOTICES_UNIQUE
from events.view import layout
from events.wire import encode
from medpulse.errors import Failure
from medpulse.house import House
from medpulse.jobs import job, progress
from medpulse.settings import Settings
from streams.agents.enrich import Enrich
from streams.copies.memory import Merge, merges_of
from streams.enrich.events import events_of
from streams.enrich.memo import remember
from streams.rerun import Progress, generation_after, latest, rerun
from streams.sinks import Sinks
from streams.store import Store
from streams.texts import texts_of

_CUT = "interrupted; `medpulse enrich --rerun` goes on from here, and nothing is counted twice"


async def read_again(settings: Settings, *, restart: bool) -> dict[str, object]:
    """Read ``notices.unique`` anew and return, once the metrics have followed, what was done. Raises `Failure`."""

    async def work(home: House, stop: asyncio.Event) -> dict[str, object]:
        with progress("reading notices anew", None, "messages") as step:

            def done(messages: int) -> None:
                for _ in range(messages):
                    step()

            remember()
            enrich = Enrich(sinks(home), events_of)
            told = Progress(done=done, stopped=stop.is_set)
            result = await rerun(home.backends.kafka, home.redis, enrich, told, restart=restart)
        if not result.finished:
            raise Failure(_CUT)
        return asdict(result)

    return await job(settings, work)


async def undo(settings: Settings, notice_id: str, who: str) -> tuple[Merge, int]:
    """Take a merge back, for good: the copy speaks for itself from now on. Returns the merge and how many events changed.

    Raises `Failure` where there is none.
    """

    async def work(home: House, _: asyncio.Event) -> tuple[Merge, int]:
        merge = await marked(home, notice_id, who)
        notice = (await texts_of(home.redis, [notice_id])).get(notice_id)
        if notice is None:
            raise Failure(f"the text of {notice_id} was not kept: `medpulse enrich --rerun` reads it anew")
        raw = await home.redis.hget(layout.NOTICES, notice_id)
        revision = int(layout.text(raw).partition(":")[0]) if raw else notice.revision
        (now,) = await latest(home.redis, [notice.model_copy(update={"revision": max(revision, notice.revision)})])
        batch = NoticeBatch(batch_id=f"undo:{notice_id}", source_id=now.source_id, notices=(now,))
        message = Consumed(NOTICES_UNIQUE.name, 0, 0, now.source_id.encode(), encode(batch))
        changed = await Enrich(sinks(home), events_of).again([now], message, await generation_after(home.redis))
        return merge, changed

    return await job(settings, work)


async def marked(home: House, notice_id: str, who: str) -> Merge:
    """The merge, marked as undone. Raises `Failure`."""
    merge = (await merges_of(home.redis, [notice_id])).get(notice_id)
    if merge is None:
        raise Failure(f"{notice_id} was not merged into another notice: see `medpulse merges list`")
    if merge.holds:
        merge = merge.model_copy(update={"undone_at": home.clock.now(), "undone_by": who})
        await home.redis.hset(layout.JOINED, notice_id, merge.model_dump_json())
    return merge


def sinks(home: House) -> Sinks:
    """What a reading by hand may do to the world: the same as a worker."""
    return Sinks(home.redis, Store(home.redis), home.publisher, home.clock)
