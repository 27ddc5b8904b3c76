"""The outbox and the ledger in Redis: what is still to be sent, what is being tried, and what came of it.

An alert stays in a receiver's outbox until the step that records its delivery takes it out, so that nothing leaves without a
record. A claim is written before each try and says what became of it; one that was left open by a process that died marks
the next try as a possible duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.lock import Lock

from events.base import Message as Model
from events.base import UtcDatetime
from events.messages import Alert, Delivery
from events.view import layout

CLAIMS = "medpulse:claims"
"""Hash: ``alert id|receiver`` → the `Claim` as JSON, while the alert is undelivered."""

UNPUBLISHED = "medpulse:deliveries:unpublished"
"""Hash: delivery id → the `Delivery` as JSON, until the topic ``deliveries`` has it."""

RESUME = "medpulse:outbox:resume"
"""Hash: receiver → seconds since the epoch before which nothing is sent to it, and how many tries failed in a row."""

OUTBOX_LIMIT = 10_000
"""An outbox holds this many alerts; what comes on top is recorded as failed, never dropped in silence."""


class Claim(Model):
    """The tries of one alert at one receiver. ``open``: no answer is known; ``doubtful``: an earlier one may have arrived."""

    attempts: int = 0
    since: UtcDatetime | None = None
    open: bool = False
    doubtful: bool = False


class Pause(Model):
    """A receiver that does not take messages: until when, and how many tries failed in a row."""

    until: UtcDatetime
    failures: int


@dataclass(frozen=True, slots=True)
class Due:
    """An alert to be sent now, and what was tried before."""

    alert: Alert
    claim: Claim


def outbox(receiver: str) -> str:
    """Sorted set: alert ids by the time, in seconds since the epoch, at which they are due."""
    return f"medpulse:outbox:{receiver}"


def field(alert_id: str, receiver: str) -> str:
    """The field of an alert at a receiver in `layout.DELIVERED` and `CLAIMS`; also the delivery's id."""
    return f"{alert_id}|{receiver}"


class Ledger:
    """The outbox and the ledger. Every change is one transaction."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def lease(self, receiver: str, seconds: float) -> Lock:
        """The right to send to a receiver: one process has it at a time, and loses it when it dies."""
        return Lock(self._redis, f"{outbox(receiver)}:lease", timeout=seconds, blocking=False, thread_local=False)

    async def enqueue(self, receiver: str, alerts: Sequence[Alert], due: datetime) -> list[Alert]:
        """Put alerts that were not delivered yet into a receiver's outbox. Returns those for which there was no room."""
        fresh = await self._undelivered(receiver, alerts)
        room = max(0, OUTBOX_LIMIT - int(await self._redis.zcard(outbox(receiver))))
        async with self._redis.pipeline(transaction=True) as pipe:
            for alert in fresh:
                pipe.hsetnx(layout.ALERTS, alert.alert_id, alert.model_dump_json())
            for alert in fresh[:room]:
                pipe.zadd(outbox(receiver), {alert.alert_id: due.timestamp()}, nx=True)
            if fresh:
                await pipe.execute()
        return fresh[room:]

    async def due(self, receiver: str, now: datetime, most: int) -> list[Due]:
        """What is to be sent now, oldest alert first. An alert that was delivered meanwhile leaves the outbox here."""
        found = await self._redis.zrangebyscore(outbox(receiver), "-inf", now.timestamp(), start=0, num=most)
        ids = [layout.text(raw) for raw in found]
        if not ids:
            return []
        fields = [field(alert_id, receiver) for alert_id in ids]
        alerts = await self._redis.hmget(layout.ALERTS, ids)
        done = await self._redis.hmget(layout.DELIVERED, fields)
        claims = await self._redis.hmget(CLAIMS, fields)
        stale = [i for i, raw, known in zip(ids, alerts, done, strict=True) if raw is None or known is not None]
        if stale:
            await self._redis.zrem(outbox(receiver), *stale)
        waiting = [
            Due(Alert.model_validate_json(raw), Claim.model_validate_json(claim) if claim else Claim())
            for raw, known, claim in zip(alerts, done, claims, strict=True)
            if raw is not None and known is None
        ]
        return sorted(waiting, key=lambda due: (due.alert.raised_at, due.alert.alert_id))

    async def next_due(self, receiver: str) -> float | None:
        """When the next alert is due, in seconds since the epoch; None for an empty outbox."""
        first = await self._redis.zrange(outbox(receiver), 0, 0, withscores=True)
        return float(first[0][1]) if first else None

    async def write_claims(
        self, receiver: str, claims: Sequence[tuple[str, Claim]], due: datetime | None = None
    ) -> None:
        """Write the claims of alerts by id, and where ``due`` is given put their next try there."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for alert_id, claim in claims:
                pipe.hset(CLAIMS, field(alert_id, receiver), claim.model_dump_json())
                if due is not None:
                    pipe.zadd(outbox(receiver), {alert_id: due.timestamp()})
            await pipe.execute()

    async def record(self, deliveries: Sequence[Delivery]) -> None:
        """Write what became of alerts and take them out of the outbox: one transaction, after the receiver's answer."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for delivery in deliveries:
                _record(pipe, delivery)
            await pipe.execute()

    async def pause(self, receiver: str) -> Pause | None:
        """How long the receiver is left alone; None where nothing is known against it."""
        raw = await self._redis.hget(RESUME, receiver)
        return Pause.model_validate_json(raw) if raw else None

    async def set_pause(self, receiver: str, pause: Pause | None) -> None:
        """Leave the receiver alone, across restarts too; None: it works again."""
        if pause is None:
            await self._redis.hdel(RESUME, receiver)
        else:
            await self._redis.hset(RESUME, receiver, pause.model_dump_json())

    async def unpublished(self) -> list[Delivery]:
        """The records that the topic does not have yet."""
        return [Delivery.model_validate_json(raw) for raw in await self._redis.hvals(UNPUBLISHED)]

    async def published(self, deliveries: Sequence[Delivery]) -> None:
        """The topic has acknowledged these records."""
        await self._redis.hdel(UNPUBLISHED, *(delivery.delivery_id for delivery in deliveries))

    async def _undelivered(self, receiver: str, alerts: Sequence[Alert]) -> list[Alert]:
        unique = list({alert.alert_id: alert for alert in alerts}.values())
        if not unique:
            return []
        done = await self._redis.hmget(layout.DELIVERED, [field(alert.alert_id, receiver) for alert in unique])
        return [alert for alert, known in zip(unique, done, strict=True) if known is None]


def _record(pipe: Pipeline, delivery: Delivery) -> None:
    said = delivery.model_dump_json()
    pipe.hset(layout.DELIVERED, delivery.delivery_id, said)
    pipe.zadd(layout.DELIVERIES, {said: delivery.at.timestamp()})
    pipe.hset(UNPUBLISHED, delivery.delivery_id, said)
    pipe.hdel(CLAIMS, delivery.delivery_id)
    pipe.zrem(outbox(delivery.receiver), delivery.alert_id)
    pipe.hincrby(layout.COUNTERS, f"deliveries_{delivery.status}", 1)
