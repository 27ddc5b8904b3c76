"""One dispatcher process, made to be killed: the whole room of alerts but no rules, with one signed webhook as its receiver.

Arguments: bootstrap, Redis URL, webhook URL, clock origin, clock speed. The signing secret is in ``CHAOS_SECRET``.
"""

from __future__ import annotations

import asyncio
import os
import sys

from redis.asyncio import Redis

from alerts import dispatch
from alerts.opening import open_receivers
from alerts.receivers import WebhookReceiver
from alerts.room import AlertsRoom
from alerts.routes import Routing
from alerts.stages.route import EACH, Route, Tree
from bench.chaos_alerts.quick import QuickClock
from events.kafka import publisher

RECEIVER = "chaos"
LEASE_SECONDS = 8.0
"""Longer than a process of a loaded machine stands still: one that outlives its lease may send what another has sent.

A dead process holds its receiver, and the planning, no longer than this; in operation it is 45 and 15 s."""

BURSTS = Routing(
    Tree(
        (
            Route(
                id="bursts", receivers=(RECEIVER,), match={"rule": ("burst-*",)}, group_by=("rule",), group_wait="30s"
            ),
            Route(id="each", receivers=(RECEIVER,), group_by=(EACH,)),
        ),
        (RECEIVER,),
    )
)
"""Half of the alerts are told each on its own, half in groups: both ways are tried."""


async def main(bootstrap: str, redis_url: str, url: str, origin: float, speed: float) -> None:
    dispatch.LEASE_SECONDS = LEASE_SECONDS
    clock = QuickClock(speed, origin)
    asked = WebhookReceiver(id=RECEIVER, channel="webhook", url=url, secret_env="CHAOS_SECRET", give_up_after=1e9)
    redis: Redis = Redis.from_url(redis_url)
    receivers = open_receivers([asked], os.environ, clock, redis=redis)
    async with publisher(bootstrap, idempotent=False) as out:
        await AlertsRoom(bootstrap, redis, clock, [], receivers, out, BURSTS).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), float(sys.argv[5])))
