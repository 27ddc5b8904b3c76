"""The dispatcher: from the topic ``alerts`` to the planner, into each receiver's outbox, and from there to the receivers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import RedisError

from alerts.dead import bury
from alerts.deliver import Deliverer, Receiver
from alerts.ledger import Ledger
from alerts.ledger.fence import LeaseLost
from alerts.ledger.groups import GroupStore
from alerts.merge import merged
from alerts.plan import LEASE_SECONDS as PLANNER_SECONDS
from alerts.plan import Planner
from alerts.routes import Routing, plain_routing
from events.clock import Clock
from events.consume import consume
from events.consumed import Consumed
from events.kafka import Publisher
from events.messages import Alert
from events.topics import ALERTS
from events.view import layout
from events.wire import Unreadable, decode, record

log = structlog.get_logger()
STAGE = "dispatch"
LEASE_SECONDS = 45.0
"""Longer than a channel can take for one message; a process that died holds its receivers' leases no longer than this."""

LOOK_SECONDS = 1.0
"""How often, in the machine's own time, a worker looks for what another process put into its outbox."""


class Dispatcher:
    """One process of the group. Any number may run: an outbox has one sender at a time, by its lease."""

    def __init__(
        self,
        bootstrap: str,
        redis: Redis,
        clock: Clock,
        receivers: Sequence[Receiver],
        publisher: Publisher,
        routing: Routing | None = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._redis = redis
        self._clock = clock
        self._ledger = Ledger(redis)
        self._publisher = publisher
        self.deliverers = tuple(Deliverer(receiver, self._ledger, clock) for receiver in receivers)
        ways = routing or plain_routing(receivers)
        self.planner = Planner(redis, clock, receivers, ways, min(LEASE_SECONDS, PLANNER_SECONDS))
        self._woken = {receiver.id: asyncio.Event() for receiver in receivers}
        self._arrived = asyncio.Event()
        self._recorded = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Read the topic until ``stop``; the effect of an alert is that the planner has it."""
        await consume(self._bootstrap, layout.DISPATCHER, [ALERTS], self.take, stop=stop, redis=self._redis)

    async def take(self, messages: list[Consumed]) -> None:
        """Hand a batch of alerts to the planner. A replayed one changes nothing."""
        said: list[Alert] = []
        for message in messages:
            try:
                said.append(decode(Alert, message.value))
            except Unreadable as error:
                await bury(message, STAGE, error, self._publisher, self._redis, self._clock)
        known = await GroupStore(self._redis).alerts(alert.alert_id for alert in said)
        for alert in said:
            known[alert.alert_id] = merged(known.get(alert.alert_id), alert)
        await self.planner.take_in(list(known.values()))
        self._arrived.set()

    async def plan(self, stop: asyncio.Event) -> None:
        """Group alerts and look at groups until ``stop``, while this process holds the lease."""

        async def go_on() -> bool:
            return not stop.is_set()

        try:
            while not stop.is_set():
                self._arrived.clear()
                for receiver in await self.planner.step(go_on):
                    self._woken[receiver].set()
                self._recorded.set()
                await self._rest(await self.planner.wait_seconds(), self._arrived, stop)
        finally:
            with suppress(RedisError):
                await self.planner.lease.release()

    async def deliver(self, deliverer: Deliverer, stop: asyncio.Event) -> None:
        """Empty one receiver's outbox until ``stop``, while this process holds its lease."""
        lease = self._ledger.lease(deliverer.receiver.id, LEASE_SECONDS)
        woken = self._woken[deliverer.receiver.id]
        try:
            while not stop.is_set():
                woken.clear()
                wait: float | None = None
                if await lease.owned() or await lease.acquire():
                    await self._drain(deliverer, lease, stop)
                    wait = await deliverer.wait_seconds()
                await self._rest(wait, woken, stop)
        finally:
            with suppress(RedisError):
                await lease.release()

    async def publish_records(self, stop: asyncio.Event) -> None:
        """Publish what the ledger holds and the topics do not: records, and alerts of this room's own.

        Until ``stop``, then once more.
        """
        while True:
            last = stop.is_set()
            self._recorded.clear()
            if waiting := await self._ledger.unpublished():
                await self._publisher.send_until_done([record(delivery) for delivery in waiting], STAGE)
                await self._ledger.published(waiting)
            if own := await self._ledger.unraised():
                await self._publisher.send_until_done([record(alert) for alert in own], STAGE)
                await self._ledger.raised(own)
            if last:
                return
            await self._rest(None, self._recorded, stop)

    async def _drain(self, deliverer: Deliverer, lease: Lock, stop: asyncio.Event) -> None:
        async def go_on() -> bool:
            return not stop.is_set() and bool(await lease.reacquire())

        try:
            if await deliverer.drain(go_on, lease):
                self._recorded.set()
        except LeaseLost:
            log.warning(
                "alerts.lease_lost", receiver=deliverer.receiver.id, remedy="none needed: another process sends"
            )

    async def _rest(self, wait: float | None, woken: asyncio.Event, stop: asyncio.Event) -> None:
        """Until woken, stopped, ``wait`` seconds of the clock, or the machine's time to look again."""
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(woken.wait()), asyncio.ensure_future(stop.wait())]
        if wait is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(wait)))
        try:
            await asyncio.wait(waits, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pending in waits:
                pending.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
