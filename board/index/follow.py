"""The index kept equal to the live view: loaded whole once, then change by change under the view's serial numbers.

A view that was switched, or a Redis that was emptied, is loaded afresh beside what is there, which is used until then.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis

from board.index.database import MOST_EVENTS, Database
from board.index.rows import Row, row
from events.view import layout

log = structlog.get_logger()
T = TypeVar("T")
CHUNK = 500
KEPT_ANSWERS = 512
PATIENCE_SECONDS = 1.0
"""How long a request waits for the index to catch up before it is answered from what is there."""


@dataclass(frozen=True, slots=True)
class Version:
    """What an index holds: the name of a view, and the serial number up to which its changes are in."""

    view: str
    serial: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a loading is: events read, of how many there are."""

    done: int
    total: int


class Index:
    """The index of the live view of a Redis (``decode_responses=False``). SQLite works in a thread of its own."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._thread = ThreadPoolExecutor(1, "index")
        self._database: Database | None = None
        self._lock = asyncio.Lock()
        self._catching_up: asyncio.Task[None] | None = None
        self._answers: OrderedDict[tuple[object, ...], list[tuple[Any, ...]]] = OrderedDict()
        self.version = self.latest = Version("", 0)
        self._loaded = Version("", 0)
        self._touched: dict[int, int] = {}
        self.first_day: date | None = None
        self.progress: Progress | None = None

    async def fresh(self) -> Version:
        """Catch up with the view, for `PATIENCE_SECONDS` at the most; the rest goes on behind. Raises RedisError."""
        now = await self._now()
        if now != self.latest:
            self.latest = now
        task = self._catching_up
        if task is None or task.done():
            if self._database is not None and self.latest == self.version:
                return self.version
            task = self._catching_up = asyncio.create_task(self._catch_up())
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        if task.done():
            task.result()
        return self.version

    async def rows(self, sql: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a SELECT; the same question is answered once for each version."""
        key = (self.version, sql, *args)
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        if self._database is None:
            return []
        found = await self._run(self._database.rows, sql, args)
        if self.progress is None:
            self._answers[key] = found
            if len(self._answers) > KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return found

    def unchanged(self, tag: int, since: Version) -> bool:
        """Whether no event that has the tag, or had it, has changed from that version to the latest.

        False where that is not known: while the index is behind, or for a version before it was loaded.
        """
        if since is self.latest or since == self.latest:  # most often it is: a page asks a thousand times
            return True
        if self.version != self.latest or since.view != self.version.view or self.progress is not None:
            return False
        return max(self._loaded.serial, self._touched.get(tag, 0)) <= since.serial <= self.version.serial

    async def aclose(self) -> None:
        """Stop following and give the database up."""
        if self._catching_up is not None:
            self._catching_up.cancel()
            await asyncio.gather(self._catching_up, return_exceptions=True)
        if self._database is not None:
            await self._run(self._database.close)
        self._thread.shutdown()

    async def _now(self) -> Version:
        live = await self._redis.get(layout.LIVE)
        view = layout.text(live) if live else layout.FIRST
        serial = await self._redis.get(layout.serial(view))
        return Version(view, int(serial or 0))

    async def _catch_up(self) -> None:
        async with self._lock:
            now = await self._now()
            if self._database is None or now.view != self.version.view or now.serial < self.version.serial:
                await self._load(now)
            while (now := await self._now()).view == self.version.view and now.serial > self.version.serial:
                if not await self._follow(self._database):
                    break
            if self._database is not None:
                oldest = await self._run(self._database.rows, "SELECT min(day) FROM event")
                self.first_day = date.fromisoformat(oldest[0][0]) if oldest[0][0] else None

    async def _load(self, now: Version) -> None:
        """The whole view, newest events first, so that an index that is not complete can be used meanwhile."""
        fresh = await self._run(Database)
        before, key = self._database, layout.timeline(now.view)
        total = min(MOST_EVENTS, int(await self._redis.zcard(key)))
        if before is None:
            self._database = fresh
        for start in range(0, total, CHUNK):
            self.progress = Progress(start, total)
            ids = await self._redis.zrevrange(key, start, start + CHUNK - 1)
            await self._write(fresh, now.view, [layout.text(one) for one in ids])
        self._database, self.version, self._loaded, self.progress = fresh, now, now, None
        self._touched.clear()
        self._answers.clear()
        if before is not None:
            await self._run(before.close)

    async def _follow(self, database: Database | None) -> bool:
        """The next changes; False where there are none to be had."""
        view, after = self.version.view, self.version.serial
        found: Any = await self._redis.zrangebyscore(
            layout.changes(view), f"({after}", "+inf", start=0, num=CHUNK, withscores=True
        )
        if database is None or not found:
            return False
        touched = await self._write(database, view, [layout.text(one) for one, _ in found])
        now = Version(view, int(found[-1][1]))
        self._touched |= dict.fromkeys(touched, now.serial)
        if await self._run(database.trim):
            self._loaded = now  # a change of an event that was left out is seen without what the event was before
        self.version = now
        self._answers.clear()
        return True

    async def _write(self, database: Database, view: str, ids: list[str]) -> set[int]:
        """Take these events anew from the view; the tags that any of them had before or has now."""
        if not ids:
            return set()
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hmget(layout.events(view), ids)
            pipe.hmget(layout.applied(view), ids)
            bodies, applied = await pipe.execute()
        gone = [one for one, body in zip(ids, bodies, strict=True) if body is None]
        return await self._run(_put, database, list(zip(ids, bodies, applied, strict=True)), gone)

    async def _run(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)


def _put(database: Database, found: list[tuple[str, bytes | None, bytes | None]], gone: list[str]) -> set[int]:
    rows: list[Row] = []
    for event_id, body, applied in found:
        try:
            if body is not None:
                rows.append(row(body, applied))
        except (ValueError, KeyError, TypeError) as error:
            log.error("board.not_indexed", event_id=event_id, error=repr(error))
    return database.write(rows, gone)
