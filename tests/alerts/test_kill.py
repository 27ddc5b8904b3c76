"""``kill -9`` at the worst moment: the receiver has the message, the sender has not heard so."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from redis.asyncio import Redis

from alerts.ledger import Ledger, outbox
from events.clock import VirtualClock
from events.view.reader import View
from tests.alerts.build import SEEN, alert
from tests.alerts.slack_server import SlackServer, words

ROOT = Path(__file__).resolve().parents[2]
KILLED_AT = (3, 6, 7)
"""The requests in whose midst the sender is killed."""


@pytest.mark.asyncio
async def test_nothing_is_lost_and_every_duplicate_is_marked(redis: Redis, redis_url: str, slack: SlackServer) -> None:
    # Alerts of rules of their own: each is a message of its own.
    alerts = [alert(n, alert_id=f"rule-{n}:x", rule_id=f"rule-{n}", title=f"alert {n};") for n in range(8)]
    assert await Ledger(redis).enqueue("team", alerts, VirtualClock(SEEN).now()) == []
    sender: asyncio.subprocess.Process | None = None

    def kill() -> None:
        if slack.requests in KILLED_AT:
            assert sender is not None
            os.kill(sender.pid, signal.SIGKILL)

    slack.on_request = kill
    codes = []
    while await redis.zcard(outbox("team")):
        sender = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.alerts.sender", redis_url, slack.url, cwd=ROOT
        )
        codes.append(await sender.wait())
    assert codes == [-signal.SIGKILL] * len(KILLED_AT) + [0]

    arrived = Counter(words(payload).split(";")[0] for payload in slack.received)
    deliveries = {d.alert_id: d for d in await View(redis).deliveries(100)}
    assert set(arrived) == {f"alert {n}" for n in range(8)}, "0 lost"
    assert {d.status for d in deliveries.values()} == {"sent"}
    twice = {f"rule-{title.split()[1]}:x" for title, times in arrived.items() if times > 1}
    marked = {alert_id for alert_id, d in deliveries.items() if d.possible_duplicate}
    assert twice == marked
    assert twice
