"""The dispatcher over a real Redis and a real receiver: once, in time, with the reason, whatever dies when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from alerts.channels.channel import ChannelError
from alerts.deliver import Deliverer, Receiver
from alerts.ledger import OUTBOX_LIMIT, Ledger, outbox
from alerts.ledger.fence import LeaseLost
from alerts.ledger.keys import CLAIMS
from alerts.message import Message
from alerts.stages.parcel import Parcel
from events import telemetry
from events.clock import VirtualClock
from events.messages import Alert, Delivery, Reason
from events.view import layout
from tests.alerts.build import SEEN, alert
from tests.alerts.desk import Desk, always
from tests.alerts.slack_server import HANG_UP, SlackServer, words

NAME = "medpulse_end_to_end_seconds"


@pytest.fixture
def desk(redis: Redis, clock: VirtualClock, slack: SlackServer) -> Desk:
    return Desk(redis, clock, slack)


@pytest.mark.asyncio
async def test_an_alert_is_sent_once_and_recorded(desk: Desk, slack: SlackServer) -> None:
    for _ in range(3):
        await desk.put([alert(), alert()])
        await desk.drain()
    assert len(slack.received) == 1
    (delivery,) = await desk.deliveries()
    assert delivery.reason is Reason.FIRST
    assert (delivery.status, delivery.attempts, delivery.answer) == ("sent", 1, "200 ok")
    assert not delivery.possible_duplicate
    assert await desk.redis.zcard(outbox("team")) == 0


@pytest.mark.asyncio
async def test_how_long_an_alert_was_on_its_way_is_told_once(desk: Desk) -> None:
    def arrived() -> tuple[float, float]:
        found = [telemetry.REGISTRY.get_sample_value(f"{NAME}_{part}", {"to": "slack"}) for part in ("count", "sum")]
        return found[0] or 0.0, found[1] or 0.0

    count, seconds = arrived()
    await desk.clock.advance_to(SEEN + timedelta(seconds=7))
    await desk.put([alert(), alert(2, standing=True), alert(3, event_ids=())])
    await desk.drain()
    assert arrived() == (count + 1, seconds + 7), "a condition and a milestone were not seen by one poll"
    await desk.put([alert()])
    await desk.drain()
    assert arrived() == (count + 1, seconds + 7)


@pytest.mark.asyncio
async def test_retry_after_is_honoured_by_the_clock(desk: Desk, slack: SlackServer) -> None:
    slack.script = [(429, "", {"Retry-After": "30"})]
    await desk.put([alert(1)])
    await desk.drain()
    await desk.put([alert(2)])
    await desk.clock.advance_to(SEEN + timedelta(seconds=29))
    assert await desk.drain() == 0, "the whole receiver is left alone, new alerts too"
    await desk.clock.advance_to(SEEN + timedelta(seconds=30))
    await desk.drain()
    assert slack.requests == 3
    assert [(d.attempts, d.at) for d in await desk.deliveries()] == [(2, desk.clock.now()), (1, desk.clock.now())]


@pytest.mark.asyncio
async def test_failures_back_off_and_a_success_forgets_them(desk: Desk, slack: SlackServer) -> None:
    slack.script = [(500, "", {})] * 4
    await desk.put([alert()])
    waits = []
    for _ in range(4):
        await desk.drain()
        waits.append(await desk.deliverer.wait_seconds())
        await desk.wait()
    assert waits == [1, 2, 4, 8]
    await desk.drain()
    assert [d.attempts for d in await desk.deliveries()] == [5]
    assert await desk.ledger.pause("team") is None


@pytest.mark.asyncio
async def test_a_pause_survives_a_restart(desk: Desk, slack: SlackServer, redis: Redis, clock: VirtualClock) -> None:
    slack.script = [(429, "", {"Retry-After": "60"})]
    await desk.put([alert()])
    await desk.drain()
    again = Desk(redis, clock, slack)
    assert await again.drain() == 0
    assert await again.deliverer.wait_seconds() == 60


@pytest.mark.asyncio
async def test_a_permanent_refusal_is_recorded_and_the_next_alert_goes_on(desk: Desk, slack: SlackServer) -> None:
    slack.script = [(400, "invalid_blocks", {})]
    await desk.put([alert(1), alert(2)])
    await desk.drain()
    assert [(d.status, d.answer) for d in await desk.deliveries()] == [
        ("failed", "Slack answered 400 invalid_blocks"),
        ("sent", "200 ok"),
    ]
    await desk.put([alert(1)])
    assert await desk.drain() == 0, "what was given up is not taken up again by a replay"


@pytest.mark.asyncio
async def test_a_receiver_that_stays_dead_ends_in_a_failed_record(desk: Desk, slack: SlackServer) -> None:
    slack.script = [(500, "", {})] * 100
    await desk.put([alert()])
    while not await desk.deliveries():
        await desk.drain()
        if await desk.redis.zcard(outbox("team")):
            await desk.wait()
    (delivery,) = await desk.deliveries()
    assert delivery.status == "failed"
    assert delivery.attempts == slack.requests > 10
    assert desk.clock.now() >= SEEN + timedelta(hours=1)


@pytest.mark.asyncio
async def test_a_lost_answer_makes_the_next_try_a_possible_duplicate(desk: Desk, slack: SlackServer) -> None:
    slack.script = [HANG_UP]
    await desk.put([alert()])
    await desk.drain()
    await desk.wait()
    await desk.drain()
    (delivery,) = await desk.deliveries()
    assert delivery.possible_duplicate
    assert ["told this before" in words(payload) for payload in slack.received] == [False, True]


class Dies(Exception):
    """The process is killed here."""


class KilledAtRecord(Ledger):
    """A ledger whose process dies between the receiver's answer and the record."""

    async def record(self, parcel: Parcel, deliveries: Sequence[Delivery], raised: Alert | None = None) -> None:
        raise Dies


@pytest.mark.asyncio
async def test_killed_between_answer_and_record(redis: Redis, clock: VirtualClock, slack: SlackServer) -> None:
    dying = Desk(redis, clock, slack, KilledAtRecord(redis))
    await dying.put([alert()])
    with pytest.raises(Dies):
        await dying.drain()
    next_one = Desk(redis, clock, slack)
    await next_one.drain()
    (delivery,) = await next_one.deliveries()
    assert (delivery.status, delivery.attempts, delivery.possible_duplicate) == ("sent", 2, True)
    assert len(slack.received) == 2


@pytest.mark.asyncio
async def test_a_full_outbox_says_so(desk: Desk) -> None:
    await desk.redis.zadd(outbox("team"), {f"old:{n}": 0.0 for n in range(OUTBOX_LIMIT - 1)})
    left_out = await desk.ledger.enqueue("team", [alert(1), alert(2)], desk.clock.now())
    assert [a.alert_id for a in left_out] == [alert(2).alert_id]


class Broken:
    """A channel with a fault of its own."""

    async def send(self, message: Message) -> str:
        raise KeyError(message.receiver)


@pytest.mark.asyncio
async def test_a_fault_of_a_channel_is_recorded(redis: Redis, clock: VirtualClock) -> None:
    ledger = Ledger(redis)
    deliverer = Deliverer(Receiver("broken", "slack", Broken()), ledger, clock)
    await ledger.enqueue("broken", [alert()], clock.now())
    await deliverer.drain(always)
    (raw,) = await redis.hvals(layout.DELIVERED)
    assert Delivery.model_validate_json(raw).status == "failed"


class Dead:
    """A receiver that never answers until it is released, and then is still not there."""

    def __init__(self) -> None:
        self.released = asyncio.Event()

    async def send(self, message: Message) -> str:
        await self.released.wait()
        raise ChannelError("gone", permanent=False)


@pytest.mark.asyncio
async def test_one_sender_at_a_time(redis: Redis) -> None:
    ledger = Ledger(redis)
    mine, other = ledger.lease("team", 30), ledger.lease("team", 30)
    assert await mine.acquire()
    assert not await other.acquire()
    await mine.release()
    assert await other.acquire()


@pytest.mark.asyncio
async def test_a_sender_that_slept_through_its_lease_sends_nothing(desk: Desk, slack: SlackServer) -> None:
    await desk.put([alert(1)])
    mine, others = (desk.ledger.lease("team", 45.0) for _ in range(2))
    assert await mine.acquire()

    async def asleep() -> bool:
        await desk.redis.delete(mine.name)
        return bool(await others.acquire())

    with pytest.raises(LeaseLost):
        await desk.deliverer.drain(asleep, mine)
    assert slack.received == []
    assert await desk.redis.hlen(CLAIMS) == 0, "a claim would mark the other's message as a possible duplicate"
    assert await desk.deliverer.drain(always, others) == 1
    assert len(slack.received) == 1
