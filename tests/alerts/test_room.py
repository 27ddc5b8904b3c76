"""The whole room on a Kafka-protocol broker, a real Redis, a Slack-like server and a mail server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from pydantic import SecretStr
from redis.asyncio import Redis

from alerts.channels.email import EmailChannel, Mailbox
from alerts.channels.slack import SlackChannel
from alerts.deliver import Receiver
from alerts.ledger import outbox
from alerts.room import AlertsRoom
from alerts.rules import EventRule, load_rules
from alerts.stages import Wanted
from events.base import EntityRef
from events.clock import VirtualClock
from events.consumed import Consumed
from events.event import DeviceApproval
from events.kafka import Publisher, publisher
from events.messages import DeadLetter, Delivery, Reason
from events.topics import ALERTS, DEAD_LETTERS, DELIVERIES, EVENTS, Topic
from events.view import layout
from events.wire import Record, decode, record
from tests.alerts.build import approval
from tests.alerts.conftest import Post
from tests.alerts.desk import always
from tests.alerts.slack_server import SlackServer
from tests.alerts.test_dispatch import Dead

pytestmark = pytest.mark.kafka


class Case:
    """The parts of one test, under names that no other test on the same broker has."""

    def __init__(self, bootstrap: str, redis: Redis, clock: VirtualClock, sender: Publisher) -> None:
        self.name = uuid4().hex[:8]
        self.bootstrap, self.redis, self.clock, self.publisher = bootstrap, redis, clock, sender
        rule = next(rule for rule in load_rules() if isinstance(rule, EventRule))
        self.rule = rule.model_copy(update={"id": f"rule-{self.name}", "entities": (f"company-{self.name}",)})
        self.receivers: list[Receiver] = []

    def receiver(self, kind: str, channel: object) -> None:
        made = Receiver(f"{kind}-{self.name}", kind, channel)  # type: ignore[arg-type]
        self.receivers.append(replace(made, wanted=Wanted(rules=(self.rule.id,))))

    def event(self, number: int = 1, **changes: object) -> DeviceApproval:
        company = EntityRef(id=f"company-{self.name}", name="Company 01")
        return approval(number, event_id=f"device_approval:{self.name}:{number}", registrant=company, **changes)

    async def publish(self, *events: DeviceApproval) -> None:
        await self.publisher.send([record(event) for event in events])

    def room(self) -> AlertsRoom:
        return AlertsRoom(self.bootstrap, self.redis, self.clock, [self.rule], self.receivers, self.publisher)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.room().run(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    async def recorded(self, count: int) -> list[Delivery]:
        """The records of this case's receivers on the topic, read from its beginning, once there are ``count``."""
        mine = {receiver.id for receiver in self.receivers}
        found = await read(self.bootstrap, DELIVERIES, lambda m: decode(Delivery, m.value).receiver in mine, count)
        return [decode(Delivery, message.value) for message in found]


async def read(bootstrap: str, topic: Topic, wanted: Callable[[Consumed], bool], count: int) -> list[Consumed]:
    """The first ``count`` wanted messages of a topic, read by nobody's group."""
    consumer = AIOKafkaConsumer(topic.name, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    found: list[Consumed] = []
    await consumer.start()
    try:
        while len(found) < count:
            m = await consumer.getone()
            message = Consumed(m.topic, m.partition, m.offset, m.key, m.value)
            found += [message] if wanted(message) else []
    finally:
        await consumer.stop()
    return found


@pytest_asyncio.fixture
async def case(bootstrap: str, redis: Redis, clock: VirtualClock) -> AsyncIterator[Case]:
    async with publisher(bootstrap, idempotent=False) as sender:
        yield Case(bootstrap, redis, clock, sender)


def _mail(post: Post, clock: VirtualClock) -> EmailChannel:
    box = Mailbox("127.0.0.1", post.port, "medpulse@example.org", ("analyst@example.org",), security="none")
    return EmailChannel(box, clock)


@pytest.mark.asyncio
async def test_one_event_is_one_slack_message_and_one_mail_however_often_it_comes(
    case: Case, slack: SlackServer, post: Post, clock: VirtualClock
) -> None:
    case.receiver("slack", SlackChannel(SecretStr(slack.url), clock))
    case.receiver("email", _mail(post, clock))
    async with case.running():
        await case.publish(case.event(1))
        await case.recorded(2)
        # The same fact again, corrected, enriched anew and withdrawn; then another, to know that all were read.
        again = [case.event(1), case.event(1, revision=2), case.event(1, generation=1)]
        await case.publish(*again, case.event(1, revision=3, retracted=True), case.event(2))
        deliveries = await case.recorded(4)
    assert len(slack.received) == len(post.mails) == 2
    assert {(d.channel, d.alert_id[-2:], d.reason, d.status) for d in deliveries} == {
        (channel, number, Reason.FIRST, "sent") for channel in ("slack", "email") for number in (":1", ":2")
    }
    assert not any(d.possible_duplicate for d in deliveries)


@pytest.mark.asyncio
async def test_a_new_room_on_replayed_topics_tells_nobody_again(
    case: Case, slack: SlackServer, clock: VirtualClock
) -> None:
    case.receiver("slack", SlackChannel(SecretStr(slack.url), clock))
    async with case.running():
        await case.publish(case.event(1))
        await case.recorded(1)
    # Both stages take every message a second time, as after a crash before the commit, even with the alerts forgotten.
    events = await read(case.bootstrap, EVENTS, lambda m: case.name in (m.key or b"").decode(), 1)
    alerts = await read(case.bootstrap, ALERTS, lambda m: case.name in (m.key or b"").decode(), 1)
    await case.redis.delete(layout.ALERTS)
    room = case.room()
    await room.rules.take(events)
    await room.dispatcher.take(alerts)
    assert [await deliverer.drain(always) for deliverer in room.dispatcher.deliverers] == [0]
    assert len(slack.received) == 1


@pytest.mark.asyncio
async def test_a_dead_receiver_delays_nobody(case: Case, slack: SlackServer, clock: VirtualClock) -> None:
    dead = Dead()
    case.receiver("dead", dead)
    case.receiver("slack", SlackChannel(SecretStr(slack.url), clock))
    async with case.running():
        for number in (1, 2, 3):
            await case.publish(case.event(number))
            await slack.wait_for(number)
        deliveries = await case.recorded(3)
        dead.released.set()
    assert {d.channel for d in deliveries} == {"slack"}
    assert await case.redis.zcard(outbox(case.receivers[0].id)) == 3, "and what it was to be told is kept"


@pytest.mark.asyncio
async def test_what_cannot_be_read_goes_to_the_dead_letters(
    case: Case, slack: SlackServer, clock: VirtualClock
) -> None:
    case.receiver("slack", SlackChannel(SecretStr(slack.url), clock))
    bad = [Record(topic, case.name.encode(), f"not json {case.name}".encode(), []) for topic in (EVENTS, ALERTS)]
    async with case.running():
        await case.publisher.send(bad)
        await case.publish(case.event(1))
        letters = await read(
            case.bootstrap, DEAD_LETTERS, lambda m: decode(DeadLetter, m.value).key == case.name.encode(), 2
        )
        await case.recorded(1)
    found = {decode(DeadLetter, message.value).stage: decode(DeadLetter, message.value) for message in letters}
    assert set(found) == {"rules", "dispatch"}
    assert found["rules"].original == f"not json {case.name}".encode()
    assert await case.redis.hgetall(layout.DEAD) == {b"rules": b"1", b"dispatch": b"1"}


@pytest.mark.asyncio
async def test_a_room_whose_redis_comes_back_goes_on(
    case: Case, slack: SlackServer, clock: VirtualClock, redis: Redis
) -> None:
    case.receiver("slack", SlackChannel(SecretStr(slack.url), clock))
    async with case.running():
        await case.publish(case.event(1))
        await case.recorded(1)
        await redis.client_kill_filter(_type="normal", skipme=True)
        await case.publish(case.event(2))
        deliveries = await case.recorded(2)
    assert len({d.alert_id for d in deliveries}) == len(slack.received) == 2
