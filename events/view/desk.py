"""What people do with alerts, in Redis: look, acknowledge, silence. The command line and the board call the same."""

from __future__ import annotations

from datetime import datetime

from redis.asyncio import Redis

from events.ids import digest
from events.matching import matches
from events.messages import Ack, Alert, AlertStatus, Delivery, Matchers, Silence, Step
from events.view import layout

_LOOK = 500


class NotThere(LookupError):
    """There is no such alert or silence, or more than one. The text says what there is."""


class Desk:
    """The alerts of a Redis (``decode_responses=False``) as people see them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def alerts(self, limit: int = 50, *, standing: bool = False) -> list[Alert]:
        """The latest alerts by the time at which they were raised; with ``standing``, those whose condition holds now."""
        key = layout.STANDING if standing else layout.RAISED
        found: list[Alert] = []
        start = 0
        while len(found) < limit and (ids := await self._redis.zrevrange(key, start, start + _LOOK - 1)):
            raws = await self._redis.hmget(layout.ALERTS, [layout.text(raw) for raw in ids])
            alerts = [Alert.model_validate_json(raw) for raw in raws if raw is not None]
            found += [alert for alert in alerts if not standing or alert.standing]
            start += _LOOK
        return sorted(found, key=lambda alert: alert.raised_at, reverse=True)[:limit]

    async def alert(self, ident: str) -> Alert:
        """The alert with this id, or the only one whose id begins or ends with it. Raises `NotThere`."""
        raw = await self._redis.hget(layout.ALERTS, ident)
        if raw is not None:
            return Alert.model_validate_json(raw)
        ids = [layout.text(key) for key in await self._redis.hkeys(layout.ALERTS)]
        near = [one for one in ids if one.startswith(ident) or one.endswith(ident)]
        if len(near) != 1:
            what = f"{len(near)} alerts have" if near else "no alert has"
            raise NotThere(f"{what} an id that begins or ends with {ident!r}: see `medpulse alerts list`")
        found = await self._redis.hget(layout.ALERTS, near[0])
        return Alert.model_validate_json(found or b"")

    async def path(self, alert_id: str) -> list[Step]:
        """Every step of an alert, oldest first."""
        return [Step.model_validate_json(raw) for raw in await self._redis.lrange(layout.path(alert_id), 0, -1)]

    async def deliveries(self, alert_id: str) -> list[Delivery]:
        """The last record of the alert at each receiver, by receiver."""
        cursor = self._redis.hscan_iter(layout.DELIVERED, match=f"{_literal(alert_id)}|*", count=5000)
        found = [Delivery.model_validate_json(raw) async for _, raw in cursor]
        return sorted(found, key=lambda one: one.receiver)

    async def ack(self, alert_id: str, author: str, comment: str, now: datetime) -> Ack:
        """Say that somebody looks after an alert: it is not repeated. Raises `NotThere`."""
        alert = await self.alert(alert_id)
        made = Ack(alert_id=alert.alert_id, author=author, comment=comment, at=now)
        said = f"acknowledged by {author}" + (f": {comment}" if comment else "")
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(layout.ACKS, alert.alert_id, made.model_dump_json())
            pipe.rpush(layout.path(alert.alert_id), Step(at=now, stage="ack", said=said).model_dump_json())
            await pipe.execute()
        return made

    async def acked(self, alert_id: str) -> Ack | None:
        """Who looks after an alert; None where nobody said so."""
        raw = await self._redis.hget(layout.ACKS, alert_id)
        return Ack.model_validate_json(raw) if raw else None

    async def silences(self) -> list[Silence]:
        """Every silence, those that end last first."""
        found = [Silence.model_validate_json(raw) for raw in await self._redis.hvals(layout.SILENCES)]
        return sorted(found, key=lambda one: (one.ends_at, one.silence_id), reverse=True)

    async def silence(
        self, match: Matchers, author: str, comment: str, now: datetime, until: datetime, start: datetime | None = None
    ) -> Silence:
        """Tell nobody of what matches, from ``start`` (now) until ``until``. Raises ValueError for a span that is none."""
        begin = start or now
        if until <= begin or until <= now:
            raise ValueError("the silence ends before it begins, or has ended already")
        ident = digest(repr(sorted(match.items())), author, comment, now.isoformat(), until.isoformat())[:8]
        made = Silence(
            silence_id=ident,
            match=match,
            author=author,
            comment=comment,
            created_at=now,
            starts_at=begin,
            ends_at=until,
        )
        await self._redis.hset(layout.SILENCES, ident, made.model_dump_json())
        return made

    async def unsilence(self, ident: str, author: str, now: datetime) -> Silence:
        """End a silence now, by its id or how it begins. One that ended stays as it is. Raises `NotThere`."""
        near = [one for one in await self.silences() if one.silence_id.startswith(ident)]
        if len(near) != 1:
            what = f"{len(near)} silences have" if near else "no silence has"
            raise NotThere(f"{what} an id that begins with {ident!r}: see `medpulse alerts silences`")
        if near[0].state(now) == "expired":
            return near[0]
        ended = near[0].model_copy(update={"ends_at": now, "ended_by": author})
        await self._redis.hset(layout.SILENCES, ended.silence_id, ended.model_dump_json())
        return ended

    async def silenced_by(self, alert: Alert, now: datetime) -> list[Silence]:
        """The silences that hold an alert back now."""
        return [one for one in await self.silences() if one.state(now) == "active" and matches(one.match, alert)]


def state(alert: Alert) -> str:
    """What an alert is, in one word: ``firing`` or ``resolved`` for a condition, ``fact`` for what happened once."""
    if not alert.standing:
        return "fact"
    return "resolved" if alert.status is AlertStatus.RESOLVED else "firing"


def _literal(text: str) -> str:
    """Text in a pattern of Redis, where it stands for itself."""
    return "".join(f"\\{c}" if c in "*?[]\\^-" else c for c in text)
