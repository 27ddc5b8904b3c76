"""One Slack receiver with its ledger, for tests of the dispatcher."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import SecretStr
from redis.asyncio import Redis

from alerts.channels.slack import SlackChannel
from alerts.deliver import Deliverer, Receiver
from alerts.ledger import Ledger
from events.clock import VirtualClock
from events.messages import Alert, Delivery
from events.view.reader import View
from tests.alerts.slack_server import SlackServer


async def always() -> bool:
    return True


class Desk:
    """One Slack receiver with its ledger, and what a test does with them."""

    def __init__(self, redis: Redis, clock: VirtualClock, slack: SlackServer, ledger: Ledger | None = None) -> None:
        self.redis = redis
        self.clock = clock
        self.ledger = ledger or Ledger(redis)
        channel = SlackChannel(SecretStr(slack.url), clock)
        self.deliverer = Deliverer(Receiver("team", "slack", channel, give_up_after=3600), self.ledger, clock)

    async def put(self, alerts: Sequence[Alert]) -> None:
        assert await self.ledger.enqueue("team", alerts, self.clock.now()) == []

    async def drain(self) -> int:
        return await self.deliverer.drain(always)

    async def deliveries(self) -> list[Delivery]:
        found = await View(self.redis).deliveries(1000)
        return sorted(found, key=lambda d: (d.at, d.alert_id))

    async def wait(self) -> None:
        """Let the clock run to the next try."""
        seconds = await self.deliverer.wait_seconds()
        assert seconds is not None
        await self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))
