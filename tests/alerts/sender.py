"""A process that empties one receiver's outbox and ends; made to be killed. Arguments: Redis URL, Slack URL."""

from __future__ import annotations

import asyncio
import sys

from pydantic import SecretStr
from redis.asyncio import Redis

from alerts.channels.slack import SlackChannel
from alerts.deliver import Deliverer, Receiver
from alerts.ledger import Ledger
from events.clock import VirtualClock
from tests.alerts.build import SEEN
from tests.alerts.desk import always


async def main(redis_url: str, slack_url: str) -> None:
    redis: Redis = Redis.from_url(redis_url)
    clock = VirtualClock(SEEN)
    receiver = Receiver("team", "slack", SlackChannel(SecretStr(slack_url), clock))
    await Deliverer(receiver, Ledger(redis), clock).drain(always)
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
