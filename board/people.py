"""What Redis knows of alerts, silences and acknowledgements, for people to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis

from events.base import Severity
from events.messages import Ack, Alert, AlertStatus, Delivery, Silence, Step
from events.view import layout

MOST_STANDING = 200
MOST_SILENCES = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that holds, and who looks after it."""

    alert: Alert
    ack: Ack | None


async def active(redis: Redis, now: datetime) -> list[Standing]:
    """The alerts that hold at an instant: the most severe first, of one severity the last raised first."""
    found = await redis.zrangebyscore(layout.STANDING, f"({now.timestamp()}", "+inf", start=0, num=MOST_STANDING)
    alerts = [a for a in await _alerts(redis, found) if a.status is AlertStatus.FIRING]
    ranks = {severity: rank for rank, severity in enumerate(Severity)}
    return sorted(await _acked(redis, alerts), key=lambda s: (ranks[s.alert.severity], s.alert.raised_at), reverse=True)


async def raised(redis: Redis, limit: int, offset: int = 0) -> list[Standing]:
    """The alerts that were raised last, newest first."""
    found = await redis.zrevrange(layout.RAISED, offset, offset + limit - 1)
    return await _acked(redis, await _alerts(redis, found))


async def silences(redis: Redis, now: datetime) -> list[Silence]:
    """The silences that are active or to come, those that end first at the top, then the last ones that ended."""
    found: list[Silence] = []
    async for _, raw in redis.hscan_iter(layout.SILENCES, count=MOST_SILENCES):
        found.append(Silence.model_validate_json(raw))
        if len(found) >= MOST_SILENCES:
            break
    standing = sorted((s for s in found if s.state(now) != "expired"), key=lambda s: s.ends_at)
    ended = sorted((s for s in found if s.state(now) == "expired"), key=lambda s: s.ends_at, reverse=True)
    return [*standing, *ended[:10]]


async def alert_path(redis: Redis, alert_id: str) -> list[Step]:
    """The way of an alert through the stages, oldest first."""
    return [Step.model_validate_json(raw) for raw in await redis.lrange(layout.path(alert_id), 0, 199)]


async def deliveries_of(redis: Redis, alert_id: str) -> list[Delivery]:
    """The last delivery of an alert to each receiver that there is in the ledger."""
    pattern = "".join(f"\\{c}" if c in r"*?[]\^-" else c for c in alert_id) + "|*"
    found = [raw async for _, raw in redis.hscan_iter(layout.DELIVERED, match=pattern, count=1000)]
    return sorted((Delivery.model_validate_json(raw) for raw in found), key=lambda d: d.at)


async def _alerts(redis: Redis, ids: Sequence[object]) -> list[Alert]:
    if not ids:
        return []
    found = await redis.hmget(layout.ALERTS, [layout.text(one) for one in ids])
    return [Alert.model_validate_json(raw) for raw in found if raw is not None]


async def _acked(redis: Redis, alerts: list[Alert]) -> list[Standing]:
    if not alerts:
        return []
    acks = await redis.hmget(layout.ACKS, [alert.alert_id for alert in alerts])
    return [
        Standing(alert, Ack.model_validate_json(raw) if raw is not None else None)
        for alert, raw in zip(alerts, acks, strict=True)
    ]
