"""What the rules remember in Redis: conditions that hold, when events of a kind came, and days that come near."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.lock import Lock

from alerts.conditions import Condition
from events.event import EVENT, EventBase
from events.messages import Alert
from events.view import layout

CONDITIONS = "medpulse:rules:conditions"
"""Hash: key of a condition → the `Condition` as JSON, while it holds."""

DEADLINES = "medpulse:rules:deadlines"
"""Hash: event id → an event as JSON whose last day is still to come."""

BEGAN = "medpulse:rules:began"
"""Hash: rule id → when it was first looked at, ISO 8601."""

TICKER = "medpulse:rules:ticker"
"""String: the lease of the process that looks at what time alone tells."""

KEPT_TIMES = 200
"""How many times of events an absence rule remembers, the latest."""


def seen(rule_id: str) -> str:
    """Sorted set: ids of the events that meet an absence rule, by their time in seconds since the epoch."""
    return f"medpulse:rules:seen:{rule_id}"


class RulesMemory:
    """The state of the rules. Everything in it is made of facts, so that writing it twice changes nothing."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def lease(self, seconds: float) -> Lock:
        """The right to look at what time alone tells."""
        return Lock(self._redis, TICKER, timeout=seconds, blocking=False, thread_local=False)

    async def conditions(self, keys: Iterable[str] | None = None) -> dict[str, Condition]:
        """The conditions that hold, by key; all, or those of ``keys``."""
        if keys is None:
            raws: list[bytes | str | None] = list(await self._redis.hvals(CONDITIONS))
        else:
            wanted = list(dict.fromkeys(keys))
            raws = list(await self._redis.hmget(CONDITIONS, wanted)) if wanted else []
        found = (Condition.model_validate_json(raw) for raw in raws if raw is not None)
        return {condition.key: condition for condition in found}

    async def known(self, ids: Iterable[str]) -> dict[str, Alert]:
        """The alerts with these ids that were raised already."""
        wanted = list(dict.fromkeys(ids))
        raws = await self._redis.hmget(layout.ALERTS, wanted) if wanted else []
        return {i: Alert.model_validate_json(raw) for i, raw in zip(wanted, raws, strict=True) if raw is not None}

    async def raised(self, alerts: Iterable[Alert], fresh: int) -> None:
        """Remember alerts that the broker has; ``fresh`` of them are new."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for alert in alerts:
                pipe.hset(layout.ALERTS, alert.alert_id, alert.model_dump_json())
            pipe.hincrby(layout.COUNTERS, "alerts_raised", fresh)
            await pipe.execute()

    async def turn(self, before: Mapping[str, Condition], after: Mapping[str, Condition | None]) -> bool:
        """Write conditions, if nobody changed one of them meanwhile. False: somebody did, and nothing was written."""
        changed = {key: held for key, held in after.items() if held != before.get(key)}
        if not changed:
            return True
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(CONDITIONS)
            if await self.conditions(changed) != {key: before[key] for key in changed if key in before}:
                return False
            pipe.multi()  # type: ignore[no-untyped-call]
            for key, held in changed.items():
                _write(pipe, key, held)
            await pipe.execute()
        return True

    async def untold(self, alert_ids: Collection[str]) -> None:
        """These alerts were lost: their conditions begin anew with the next report."""
        held = await self.conditions()
        if lost := [key for key, condition in held.items() if condition.alert.alert_id in alert_ids]:
            await self._redis.hdel(CONDITIONS, *lost)

    async def note(self, rule_id: str, times: Mapping[str, float], gone: Iterable[str]) -> None:
        """Remember when events of an absence rule were, and forget those that were withdrawn."""
        async with self._redis.pipeline(transaction=True) as pipe:
            if times:
                pipe.zadd(seen(rule_id), dict(times))
                pipe.zremrangebyrank(seen(rule_id), 0, -KEPT_TIMES - 1)
            if withdrawn := list(gone):
                pipe.zrem(seen(rule_id), *withdrawn)
            await pipe.execute()

    async def times(self, rule_id: str) -> list[float]:
        """The times of the events of an absence rule, in seconds since the epoch, oldest first."""
        found: Any = await self._redis.zrange(seen(rule_id), 0, -1, withscores=True)
        return [float(score) for _, score in found]

    async def began(self, rule_id: str, now: datetime) -> datetime:
        """When the rule was first looked at: now, if never before."""
        await self._redis.hsetnx(BEGAN, rule_id, now.isoformat())
        return datetime.fromisoformat(layout.text(await self._redis.hget(BEGAN, rule_id)))

    async def watch(self, events: Iterable[EventBase]) -> None:
        """Remember events whose last day is to come; one that was withdrawn is forgotten."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for event in events:
                if event.retracted:
                    pipe.hdel(DEADLINES, event.event_id)
                else:
                    pipe.hset(DEADLINES, event.event_id, event.model_dump_json())
            await pipe.execute()

    async def watched(self) -> list[EventBase]:
        """The events whose last day is to come."""
        return [EVENT.validate_json(raw) for raw in await self._redis.hvals(DEADLINES)]

    async def forget(self, event_ids: Iterable[str]) -> None:
        """The last day of these events has passed."""
        if gone := list(event_ids):
            await self._redis.hdel(DEADLINES, *gone)


def _write(pipe: Pipeline, key: str, held: Condition | None) -> None:
    if held is None:
        pipe.hdel(CONDITIONS, key)
    else:
        pipe.hset(CONDITIONS, key, held.model_dump_json())
