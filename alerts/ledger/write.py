"""The single writes that transactions are made of: an outbox entry, a record, a step of a path."""

from __future__ import annotations

from datetime import datetime

from redis.asyncio.client import Pipeline

from alerts.ledger.keys import CLAIMS, PARCELS, PATH_STEPS, QUEUED, UNPUBLISHED, field, outbox, queued
from alerts.stages.dedupe import fingerprint
from alerts.stages.parcel import Parcel
from events.messages import Delivery, Step
from events.view import layout


def put(pipe: Pipeline, parcel: Parcel, due: datetime) -> None:
    """Stand a message in its receiver's outbox."""
    pipe.hset(PARCELS, parcel.message_id, parcel.model_dump_json())
    pipe.hset(QUEUED, mapping=dict.fromkeys(_told(parcel), parcel.message_id))
    pipe.zadd(outbox(parcel.receiver), {parcel.message_id: due.timestamp()}, nx=True)


def take_out(pipe: Pipeline, parcel: Parcel) -> None:
    """Take a message out of the outbox; its record is written in the same transaction."""
    pipe.hdel(CLAIMS, parcel.message_id)
    pipe.hdel(PARCELS, parcel.message_id)
    pipe.hdel(QUEUED, *_told(parcel))
    pipe.zrem(outbox(parcel.receiver), parcel.message_id)


def _told(parcel: Parcel) -> list[str]:
    return [queued(alert.alert_id, parcel.receiver, fingerprint(alert)) for alert in parcel.alerts]


def record(pipe: Pipeline, delivery: Delivery) -> None:
    """Write what became of an alert at a receiver: for people, for the topic, and against telling it twice."""
    said = delivery.model_dump_json()
    pipe.hset(layout.DELIVERED, field(delivery.alert_id, delivery.receiver), said)
    pipe.zadd(layout.DELIVERIES, {said: delivery.at.timestamp()})
    pipe.hset(UNPUBLISHED, delivery.delivery_id, said)
    pipe.hincrby(layout.COUNTERS, f"deliveries_{delivery.status}", 1)
    again = ", possibly a second time" if delivery.possible_duplicate else ""
    tries = f" at try {delivery.attempts}" if delivery.attempts > 1 else ""
    text = f"{delivery.status}{tries}{again}: {delivery.answer}"
    step(pipe, delivery.alert_id, Step(at=delivery.at, stage="record", said=text, receiver=delivery.receiver))


def step(pipe: Pipeline, alert_id: str, made: Step) -> None:
    """Add a step to the path of an alert."""
    key = layout.path(alert_id)
    pipe.rpush(key, made.model_dump_json())
    pipe.ltrim(key, -PATH_STEPS, -1)
