"""What the clock tells, on a real Redis and a real broker: ``for``, absences and deadlines, across restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import TypeAdapter
from redis.asyncio import Redis

from alerts.rules import AnyRule
from alerts.rules_room import RulesRoom
from events.clock import VirtualClock
from events.consumed import Consumed
from events.event import EventBase, Guidance
from events.kafka import Publisher, publisher
from events.messages import Alert, AlertStatus, HealthState, SourceHealth
from events.topics import EVENTS, SOURCE_HEALTH
from events.view import layout
from events.wire import encode
from tests.alerts.build import SEEN, approval, health

pytestmark = pytest.mark.kafka
RULE: TypeAdapter[AnyRule] = TypeAdapter(AnyRule)


class Room:
    """The rules of a test on its Redis; a new one is a process that starts again."""

    def __init__(self, bootstrap: str, redis: Redis, clock: VirtualClock, sender: Publisher, **rule: Any) -> None:
        self.redis, self.clock = redis, clock
        made = RULE.validate_python({"id": f"r-{uuid4().hex[:8]}", "title": "x", **rule})
        self.parts = (bootstrap, redis, clock, [made], sender)
        self.again()

    def again(self) -> None:
        self.rules = RulesRoom(*self.parts)

    async def take(self, *facts: EventBase | SourceHealth) -> None:
        topics = [SOURCE_HEALTH if isinstance(fact, SourceHealth) else EVENTS for fact in facts]
        pairs = enumerate(zip(topics, facts, strict=True))
        await self.rules.take([Consumed(topic.name, 0, n, None, encode(fact)) for n, (topic, fact) in pairs])

    async def after(self, length: timedelta) -> Sequence[Alert]:
        """Everything that was raised, once the clock has gone on and been looked at."""
        await self.clock.advance_to(self.clock.now() + length)
        await self.rules.tick()
        found = [Alert.model_validate_json(raw) for raw in await self.redis.hvals(layout.ALERTS)]
        return sorted(found, key=lambda alert: alert.alert_id)


@pytest_asyncio.fixture
async def sender(bootstrap: str) -> AsyncIterator[Publisher]:
    async with publisher(bootstrap, idempotent=False) as made:
        yield made


@pytest.mark.asyncio
async def test_what_must_hold_for_an_hour_is_told_after_an_hour_and_a_restart(
    bootstrap: str, redis: Redis, clock: VirtualClock, sender: Publisher
) -> None:
    room = Room(bootstrap, redis, clock, sender, on="health", **{"for": "1h"})
    await room.take(health(HealthState.FAILING, SEEN))
    assert await room.after(timedelta(minutes=59)) == []
    room.again()
    (told,) = await room.after(timedelta(minutes=1))
    assert (told.status, told.standing) == (AlertStatus.FIRING, True)
    (same,) = await room.after(timedelta(hours=5))
    assert same == told
    await room.take(health(HealthState.HEALTHY, clock.now()))
    (ended,) = await room.after(timedelta())
    assert (ended.alert_id, ended.status, ended.resolved_at) == (told.alert_id, AlertStatus.RESOLVED, clock.now())


@pytest.mark.asyncio
async def test_what_recovers_within_the_hour_is_never_told(
    bootstrap: str, redis: Redis, clock: VirtualClock, sender: Publisher
) -> None:
    room = Room(bootstrap, redis, clock, sender, on="health", **{"for": "1h"})
    await room.take(health(HealthState.FAILING, SEEN), health(HealthState.HEALTHY, SEEN + timedelta(minutes=30)))
    assert await room.after(timedelta(hours=2)) == []


@pytest.mark.asyncio
async def test_an_absence_begins_ends_and_begins_again(
    bootstrap: str, redis: Redis, clock: VirtualClock, sender: Publisher
) -> None:
    room = Room(bootstrap, redis, clock, sender, on="absence", types=["device_approval"], longer_than="14d")
    await room.take(approval(1, published_at=SEEN))
    assert await room.after(timedelta(days=14)) == []
    room.again()
    (told,) = await room.after(timedelta(hours=1))
    assert told.status is AlertStatus.FIRING
    await room.take(approval(2, published_at=clock.now()))
    (ended,) = await room.after(timedelta(hours=1))
    assert ended.status is AlertStatus.RESOLVED
    assert [alert.status.value for alert in await room.after(timedelta(days=15))] == ["resolved", "firing"]


@pytest.mark.asyncio
async def test_a_deadline_is_told_on_its_days_once_each(
    bootstrap: str, redis: Redis, clock: VirtualClock, sender: Publisher
) -> None:
    room = Room(bootstrap, redis, clock, sender, on="deadline", types=["guidance"], days=[7, 1])
    fields = {"event_id": "guidance:1", "title": "征求意见稿", "url": "https://www.cmde.org.cn/", "source_id": "cmde"}
    more = {"notice_id": "n", "detected_at": SEEN, "stage": "draft", "comments_close": date(2022, 3, 20)}
    await room.take(Guidance.model_validate(fields | more))
    counts = []
    for _ in range(16):
        room.again()
        counts.append(len(await room.after(timedelta(days=1))))
    assert counts == [0] * 5 + [1] * 6 + [2] * 5
    assert await redis.hlen("medpulse:rules:deadlines") == 0, "what has passed is forgotten"


@pytest.mark.asyncio
async def test_a_second_site_adds_a_source_and_no_alert(
    bootstrap: str, redis: Redis, clock: VirtualClock, sender: Publisher
) -> None:
    room = Room(bootstrap, redis, clock, sender, on="event", types=["device_approval"])
    for n, site in enumerate(("nmpa-delivery", "udi", "nmpa-notices")):
        await room.take(approval(1, source_id=site, url=f"https://{site}.example/", generation=n))
    (alert,) = await room.after(timedelta())
    assert [source.source_id for source in alert.sources] == ["nmpa-delivery", "udi", "nmpa-notices"]
