"""The meaning of everything again, after a change of taxonomy, register or rules: ``notices.unique`` read from its beginning.

Each rerun is a generation. What reads as before is left alone; what reads otherwise goes out with a greater generation, and the
metrics follow, because an event replaces its own contributions. Cut short, the next call goes on where it was, and may tell
again what the last one told: an equal order changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from events.consume import scan
from events.consumed import Consumed
from events.notice import Notice, NoticeBatch
from events.topics import NOTICES_UNIQUE
from events.view import layout
from events.wire import Unreadable, decode
from streams.agents.enrich import Enrich
from streams.copies.memory import merges_of

BATCH = 50


@dataclass(slots=True)
class Rerun:
    """What a rerun did: notices read anew, older revisions passed over, events that changed, messages that are no notices."""

    generation: int = 0
    notices: int = 0
    passed_over: int = 0
    changed: int = 0
    unreadable: int = 0
    resumed: bool = False
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """``total`` messages (about), and so many more ``done``; ``stopped`` says whether to stop before the next batch."""

    total: Callable[[int], None] = lambda _: None
    done: Callable[[int], None] = lambda _: None
    stopped: Callable[[], bool] = lambda: False


async def rerun(bootstrap: str, redis: Redis, enrich: Enrich, progress: Progress, *, restart: bool = False) -> Rerun:
    """Read all notices anew; go on with a rerun that was cut short, unless ``restart``. Raises `BrokerAway`, RedisError."""
    state = {layout.text(k): int(v) for k, v in (await redis.hgetall(layout.RERUN)).items()}
    cursor = {int(field): at for field, at in state.items() if field.isdecimal()}
    going_on = "open" in state and not restart
    done = Rerun(generation=state.get("generation", 0) + (0 if going_on else 1), resumed=going_on)
    if not going_on:
        cursor = {}
        await redis.delete(layout.RERUN)
        await redis.hset(layout.RERUN, mapping={"generation": done.generation, "open": 1})
    async for batch in scan(bootstrap, NOTICES_UNIQUE, most=BATCH, ends=progress.total, start=cursor):
        if progress.stopped():
            return done
        for message in batch:
            await _again(redis, enrich, message, done)
        await redis.hset(layout.RERUN, mapping={str(m.partition): m.offset + 1 for m in batch})
        progress.done(len(batch))
    await redis.delete(layout.RERUN)
    await redis.hset(layout.RERUN, "generation", str(done.generation))
    done.finished = True
    return done


async def generation_after(redis: Redis) -> int:
    """A generation greater than any before it, for a re-reading of single notices; a rerun that is under way keeps its own."""
    return int(await redis.hincrby(layout.RERUN, "generation", 1))


async def _again(redis: Redis, enrich: Enrich, message: Consumed, done: Rerun) -> None:
    try:
        batch = decode(NoticeBatch, message.value)
    except Unreadable:
        done.unreadable += 1  # `enrich` has sent it to the dead letters
        return
    current = await latest(redis, batch.notices)
    done.passed_over += len(batch.notices) - len(current)
    done.notices += len(current)
    if current:
        done.changed += await enrich.again(current, message, done.generation)


async def latest(redis: Redis, notices: Sequence[Notice]) -> list[Notice]:
    """Those that no later revision has replaced, each a copy or not as it is now known to be."""
    ids = [notice.notice_id for notice in notices]
    known = await redis.hmget(layout.NOTICES, ids) if ids else []
    merges = await merges_of(redis, ids)
    now: list[Notice] = []
    for notice, raw in zip(notices, known, strict=True):
        if raw is not None and notice.revision < int(layout.text(raw).partition(":")[0]):
            continue
        merge = merges.get(notice.notice_id)
        now.append(notice.model_copy(update={"same_as": merge.into if merge and merge.holds else None}))
    return now
