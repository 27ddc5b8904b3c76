"""The outbox and the ledger in Redis: what is still to be sent, what is being tried, and what came of it.

A message stays in a receiver's outbox until the step that records its delivery takes it out, so that nothing leaves without
a record. A claim is written before each try and says what became of it; one that was left open by a process that died marks
the next try as a possible duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis
from redis.asyncio.lock import Lock

from alerts.ledger import write
from alerts.ledger.fence import fenced
from alerts.ledger.keys import CLAIMS, FAILING, OUTBOX_LIMIT, PARCELS, RESUME, UNPUBLISHED, UNRAISED, field, outbox
from alerts.stages.parcel import Parcel, single
from events.base import Message as Model
from events.base import UtcDatetime
from events.messages import Alert, Delivery, Step
from events.view import layout


class Claim(Model):
    """The tries of one message. ``open``: no answer is known; ``doubtful``: an earlier one may have arrived."""

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
    """A message to be sent now, and what was tried before."""

    parcel: Parcel
    claim: Claim


class Ledger:
    """The outbox and the ledger. Every change is one transaction."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def lease(self, receiver: str, seconds: float) -> Lock:
        """The right to send to a receiver: one process has it at a time, and loses it when it dies."""
        return Lock(self._redis, f"{outbox(receiver)}:lease", timeout=seconds, blocking=False, thread_local=False)

    async def enqueue(self, receiver: str, alerts: Sequence[Alert], due: datetime) -> list[Alert]:
        """Put alerts that were not delivered yet into an outbox, each a message. Returns those without room."""
        fresh = await self._undelivered(receiver, alerts)
        parcels = [single(receiver, alert) for alert in fresh]
        return [parcel.alerts[0] for parcel in await self.put(receiver, parcels, due)]

    async def put(self, receiver: str, parcels: Sequence[Parcel], due: datetime) -> Sequence[Parcel]:
        """Put messages into an outbox. Returns those for which there was no room."""
        room = max(0, OUTBOX_LIMIT - int(await self._redis.zcard(outbox(receiver))))
        async with self._redis.pipeline(transaction=True) as pipe:
            for parcel in parcels[:room]:
                write.put(pipe, parcel, due)
            if parcels[:room]:
                await pipe.execute()
        return parcels[room:]

    async def due(self, receiver: str, now: datetime, most: int) -> list[Due]:
        """The messages to be sent now, the oldest first."""
        found = await self._redis.zrangebyscore(outbox(receiver), "-inf", now.timestamp(), start=0, num=most)
        ids = [layout.text(raw) for raw in found]
        if not ids:
            return []
        parcels = await self._redis.hmget(PARCELS, ids)
        claims = await self._redis.hmget(CLAIMS, ids)
        if stale := [ident for ident, raw in zip(ids, parcels, strict=True) if raw is None]:
            await self._redis.zrem(outbox(receiver), *stale)
        waiting = [
            Due(Parcel.model_validate_json(raw), Claim.model_validate_json(claim) if claim else Claim())
            for raw, claim in zip(parcels, claims, strict=True)
            if raw is not None
        ]
        return sorted(waiting, key=lambda due: (due.parcel.alerts[0].raised_at, due.parcel.message_id))

    async def next_due(self, receiver: str) -> float | None:
        """When the next message is due, in seconds since the epoch; None for an empty outbox."""
        first = await self._redis.zrange(outbox(receiver), 0, 0, withscores=True)
        return float(first[0][1]) if first else None

    async def claim(
        self,
        parcel: Parcel,
        claim: Claim,
        due: datetime | None = None,
        step: Step | None = None,
        *,
        under: Lock | None = None,
    ) -> None:
        """Write the claim of a message; where ``due`` is given put its next try there, and ``step`` into the paths.

        With ``under`` nothing is written by a process that slept through its lease: another one may have sent the message
        meanwhile, without knowing of this try. Raises `LeaseLost`.
        """
        async with fenced(self._redis, under) as pipe:
            pipe.hset(CLAIMS, parcel.message_id, claim.model_dump_json())
            if due is not None:
                pipe.zadd(outbox(parcel.receiver), {parcel.message_id: due.timestamp()})
            if step is not None:
                for alert in parcel.alerts:
                    write.step(pipe, alert.alert_id, step)

    async def record(self, parcel: Parcel, deliveries: Sequence[Delivery], raised: Alert | None = None) -> None:
        """Write what became of a message and take it out of the outbox: one transaction, after the receiver's answer.

        ``raised`` is the alert that this receiver fails, or no longer does; it goes to the topic ``alerts`` from here.
        """
        async with self._redis.pipeline(transaction=True) as pipe:
            for delivery in deliveries:
                write.record(pipe, delivery)
            write.take_out(pipe, parcel)
            if raised is not None:
                said = raised.model_dump_json()
                pipe.hset(UNRAISED, raised.alert_id, said)
                if raised.resolved_at is None:
                    pipe.hset(FAILING, parcel.receiver, said)
                else:
                    pipe.hdel(FAILING, parcel.receiver)
            await pipe.execute()

    async def failing(self, receiver: str) -> Alert | None:
        """The alert that says that messages to this receiver are given up; None while they are not."""
        raw = await self._redis.hget(FAILING, receiver)
        return Alert.model_validate_json(raw) if raw else None

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

    async def unraised(self) -> list[Alert]:
        """The alerts of this room itself that the topic does not have yet."""
        return [Alert.model_validate_json(raw) for raw in await self._redis.hvals(UNRAISED)]

    async def raised(self, alerts: Sequence[Alert]) -> None:
        """The topic has acknowledged these alerts; one that was changed meanwhile stays."""
        for alert in alerts:
            if await self._redis.hget(UNRAISED, alert.alert_id) == alert.model_dump_json().encode():
                await self._redis.hdel(UNRAISED, alert.alert_id)

    async def _undelivered(self, receiver: str, alerts: Sequence[Alert]) -> list[Alert]:
        unique = list({alert.alert_id: alert for alert in alerts}.values())
        if not unique:
            return []
        done = await self._redis.hmget(layout.DELIVERED, [field(alert.alert_id, receiver) for alert in unique])
        return [alert for alert, known in zip(unique, done, strict=True) if known is None]
