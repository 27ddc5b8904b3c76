"""The room: the rules, the planner, the dispatcher and one worker for each receiver, run and stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from alerts.deliver import Receiver
from alerts.dispatch import Dispatcher
from alerts.routes import Routing
from alerts.rules import RuleBase
from alerts.rules_room import RulesRoom
from events.clock import Clock
from events.kafka import RETRY_SECONDS, Publisher

log = structlog.get_logger()
GRACE_SECONDS = 20.0
"""How long a stop waits, in the machine's own time, for a message that is being sent."""

Part = Callable[[asyncio.Event], Awaitable[None]]


class AlertsRoom:
    """Alerts from the topics to people. ``publisher`` is started and stopped by its owner, and outlives the room.

    Without ``routing`` every receiver is told of everything that it wants, each alert by itself.
    """

    def __init__(
        self,
        bootstrap: str,
        redis: Redis,
        clock: Clock,
        rules: Sequence[RuleBase],
        receivers: Sequence[Receiver],
        publisher: Publisher,
        routing: Routing | None = None,
    ) -> None:
        self.rules = RulesRoom(bootstrap, redis, clock, rules, publisher)
        self.dispatcher = Dispatcher(bootstrap, redis, clock, receivers, publisher, routing)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set; then let messages that are being sent be recorded, for `GRACE_SECONDS` at most.

        A part whose broker or Redis is away is started again, with growing waits. Any other error stops the room and is
        raised. Cancelling stops it at once: what was being sent is then told again, marked as a possible duplicate.
        """
        parts: dict[str, Part] = {"rules": self.rules.run, "dispatcher": self.dispatcher.run}
        parts["clock rules"] = self.rules.watch
        parts["planner"] = self.dispatcher.plan
        for deliverer in self.dispatcher.deliverers:
            parts[f"receiver {deliverer.receiver.id}"] = partial(self.dispatcher.deliver, deliverer)
        stopping = asyncio.create_task(stop.wait())
        records_stop = asyncio.Event()
        records = asyncio.create_task(_kept("records", self.dispatcher.publish_records, records_stop))
        tasks = [asyncio.create_task(_kept(name, part, stop)) for name, part in parts.items()]
        try:
            await asyncio.wait([stopping, records, *tasks], return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                await asyncio.wait(tasks, timeout=GRACE_SECONDS)
                records_stop.set()
                await asyncio.wait([records], timeout=GRACE_SECONDS)
            for task in (*tasks, records):
                if task.done():
                    task.result()
        finally:
            everyone: list[asyncio.Task[Any]] = [stopping, records, *tasks]
            for task in everyone:
                task.cancel()
            await asyncio.gather(*everyone, return_exceptions=True)


async def _kept(name: str, part: Part, stop: asyncio.Event) -> None:
    """Run a part, again and again while what it needs is away. Kafka gives uncommitted messages again: nothing is lost."""
    attempt = 0
    while True:
        try:
            return await part(stop)
        except (RedisError, KafkaError, OSError) as error:
            if stop.is_set():
                return None
            wait = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
            log.warning("alerts.part_failed", part=name, error=repr(error), retry_in=wait)
            attempt += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)
