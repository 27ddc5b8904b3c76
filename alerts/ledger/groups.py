"""The state of the groups in Redis: alerts that arrived, groups and when they are due, and the step that changes them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.lock import Lock

from alerts.ledger import write
from alerts.ledger.fence import fenced
from alerts.ledger.keys import ENDED_TOLD, GROUPS, GROUPS_DUE, INBOX, PARCELS, PLANNER, QUEUED, SENT_AT, field, queued
from alerts.stages.dedupe import fingerprint
from alerts.stages.group import Group
from alerts.stages.parcel import Parcel
from events.messages import Alert, Delivery, Silence, Step
from events.view import layout


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that one decision changes.

    ``gone`` are keys of groups with nothing left; ``taken`` counts the arrivals that were grouped,
    and ``again`` are alerts to be grouped anew.
    """

    groups: Sequence[Group] = ()
    gone: Sequence[str] = ()
    parcels: Sequence[Parcel] = ()
    records: Sequence[Delivery] = ()
    steps: Sequence[tuple[str, Step]] = ()
    sent_at: Mapping[str, Sequence[float]] | None = None
    taken: int = 0
    again: Sequence[str] = ()


class GroupStore:
    """The groups of all receivers. One process changes them at a time: the one that holds the lease."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def lease(self, seconds: float) -> Lock:
        """The right to decide."""
        return Lock(self._redis, PLANNER, timeout=seconds, blocking=False, thread_local=False)

    async def take_in(self, alerts: Sequence[Alert], holds: Mapping[str, float], at: datetime) -> None:
        """Keep alerts as they are known now, and hand them to whoever groups them.

        ``holds`` has, for alerts that may inhibit, until when (seconds since the epoch, or infinity) they do.
        """
        if not alerts:
            return
        known = await self._redis.zmscore(layout.RAISED, [alert.alert_id for alert in alerts])
        async with self._redis.pipeline(transaction=True) as pipe:
            for alert, before in zip(alerts, known, strict=True):
                _keep(pipe, alert, holds.get(alert.alert_id))
                if before is None:
                    said = f"by rule {alert.rule_id}" + "".join(f", from {event}" for event in alert.event_ids[:3])
                    write.step(pipe, alert.alert_id, Step(at=alert.raised_at, stage="raised", said=said))
                    write.step(pipe, alert.alert_id, Step(at=at, stage="received", said=f"severity {alert.severity}"))
            pipe.rpush(INBOX, *(alert.alert_id for alert in alerts))
            await pipe.execute()

    async def alerts(self, ids: Iterable[str]) -> dict[str, Alert]:
        """Alerts by id, those that there are."""
        wanted = list(dict.fromkeys(ids))
        found = await self._redis.hmget(layout.ALERTS, wanted) if wanted else []
        return {i: Alert.model_validate_json(raw) for i, raw in zip(wanted, found, strict=True) if raw is not None}

    async def arrived(self, most: int) -> list[str]:
        """Ids of alerts that no group has been found for yet, the oldest first."""
        return [layout.text(raw) for raw in await self._redis.lrange(INBOX, 0, most - 1)]

    async def groups(self, keys: Sequence[str]) -> dict[str, Group]:
        """Groups by key, those that there are."""
        found = await self._redis.hmget(GROUPS, list(keys)) if keys else []
        made = (Group.model_validate_json(raw) for raw in found if raw is not None)
        return {group.key: group for group in made}

    async def due(self, now: datetime, most: int) -> list[Group]:
        """The groups whose time has come, the one that waits longest first."""
        found = await self._redis.zrangebyscore(GROUPS_DUE, "-inf", now.timestamp(), start=0, num=most)
        keys = [layout.text(raw) for raw in found]
        groups = await self.groups(keys)
        if lost := [key for key in keys if key not in groups]:
            await self._redis.zrem(GROUPS_DUE, *lost)
        return [groups[key] for key in keys if key in groups]

    async def next_due(self) -> float | None:
        """When a group is looked at next, in seconds since the epoch; None while there is none."""
        first = await self._redis.zrange(GROUPS_DUE, 0, 0, withscores=True)
        return float(first[0][1]) if first else None

    async def busy(self, now: datetime) -> bool:
        """Whether something is to be decided now."""
        due = await self.next_due()
        return bool(await self._redis.llen(INBOX)) or (due is not None and due <= now.timestamp())

    async def waiting(self) -> set[str]:
        """Ids of the alerts that are on their way: not grouped yet, in a group, or in a message that is not delivered."""
        ids = {layout.text(raw) for raw in await self._redis.lrange(INBOX, 0, -1)}
        for raw in await self._redis.hvals(GROUPS):
            ids |= {member.alert_id for member in Group.model_validate_json(raw).members}
        for raw in await self._redis.hvals(PARCELS):
            ids |= {alert.alert_id for alert in Parcel.model_validate_json(raw).alerts}
        return ids

    async def delivered(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Delivery]:
        """The last record of each (alert id, receiver) that has one."""
        found = await self._redis.hmget(layout.DELIVERED, [field(*pair) for pair in pairs]) if pairs else []
        records = zip(pairs, found, strict=True)
        return {pair: Delivery.model_validate_json(raw) for pair, raw in records if raw is not None}

    async def queued(self, pairs: Sequence[tuple[Alert, str]]) -> set[tuple[str, str]]:
        """Of these alerts and receivers those (alert id, receiver) for which a message with what is known now is on its way."""
        fields = [queued(alert.alert_id, receiver, fingerprint(alert)) for alert, receiver in pairs]
        found = await self._redis.hmget(QUEUED, fields) if fields else []
        return {(a.alert_id, who) for (a, who), message in zip(pairs, found, strict=True) if message is not None}

    async def holding(self, now: datetime) -> tuple[Alert, ...]:
        """The alerts that hold now and may inhibit."""
        await self._redis.zremrangebyscore(layout.STANDING, "-inf", now.timestamp())
        ids = [layout.text(raw) for raw in await self._redis.zrange(layout.STANDING, 0, -1)]
        return tuple((await self.alerts(ids)).values())

    async def silences(self) -> tuple[Silence, ...]:
        """Every silence, those that ended too."""
        return tuple(Silence.model_validate_json(raw) for raw in await self._redis.hvals(layout.SILENCES))

    async def acked(self) -> frozenset[str]:
        """Ids of the alerts that somebody looks after."""
        return frozenset(layout.text(raw) for raw in await self._redis.hkeys(layout.ACKS))

    async def ended_told(self, receiver: str) -> frozenset[str]:
        """Ids of the silences whose end the receiver was told."""
        found = (layout.text(raw).rpartition("|") for raw in await self._redis.smembers(ENDED_TOLD))
        return frozenset(silence for silence, _, whom in found if whom == receiver)

    async def sent_at(self, receiver: str) -> tuple[float, ...]:
        """When the receiver was sent what its throttle counts, in seconds since the epoch."""
        raw = await self._redis.hget(SENT_AT, receiver)
        return tuple(orjson.loads(raw)) if raw else ()

    async def commit(self, lease: Lock, change: Change, now: datetime) -> None:
        """Write a decision whole, or not at all. Raises `LeaseLost` where another process decides by now."""
        async with fenced(self._redis, lease) as pipe:
            _write(pipe, change, now)


def _keep(pipe: Pipeline, alert: Alert, until: float | None) -> None:
    pipe.hset(layout.ALERTS, alert.alert_id, alert.model_dump_json())
    pipe.zadd(layout.RAISED, {alert.alert_id: alert.raised_at.timestamp()})
    if until is None:
        pipe.zrem(layout.STANDING, alert.alert_id)
    else:
        pipe.zadd(layout.STANDING, {alert.alert_id: until})


def _write(pipe: Pipeline, change: Change, now: datetime) -> None:
    for group in change.groups:
        pipe.hset(GROUPS, group.key, group.model_dump_json())
        pipe.zadd(GROUPS_DUE, {group.key: group.flush_at.timestamp()})
    for key in change.gone:
        pipe.hdel(GROUPS, key)
        pipe.zrem(GROUPS_DUE, key)
    for parcel in change.parcels:
        write.put(pipe, parcel, now)
        for silence in parcel.silences:
            pipe.sadd(ENDED_TOLD, f"{silence}|{parcel.receiver}")
    for delivery in change.records:
        write.record(pipe, delivery)
    for alert_id, step in change.steps:
        write.step(pipe, alert_id, step)
    for receiver, times in (change.sent_at or {}).items():
        pipe.hset(SENT_AT, receiver, orjson.dumps(list(times)))
    if change.taken:
        pipe.ltrim(INBOX, change.taken, -1)
    if change.again:
        pipe.rpush(INBOX, *change.again)
