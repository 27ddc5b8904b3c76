"""``medpulse alerts`` as a person runs it, on a store that alerts went through."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from alerts.channels.channel import ChannelError
from alerts.deliver import Deliverer, Receiver
from alerts.ledger import Ledger
from alerts.message import Message
from alerts.plan import Planner
from alerts.routes import DEFAULT_ROUTES, load_routes
from events.clock import SystemClock, VirtualClock
from tests.alerts.build import alert
from tests.medpulse.command import answer, medpulse, refused

RECEIVERS = '[[receiver]]\nid = "console"\nchannel = "console"\n'


class Busy:
    """A receiver that takes the second try."""

    def __init__(self) -> None:
        self.tries = 0

    async def send(self, message: Message) -> str:
        self.tries += 1
        if self.tries == 1:
            raise ChannelError("busy", permanent=False)
        return f"{len(message.alerts)} taken"


async def _told(url: str) -> None:
    """Two alerts through the stages to a receiver, as the room does it."""
    redis: Redis = Redis.from_url(url)
    await redis.flushall()
    clock = VirtualClock(SystemClock().now() - timedelta(hours=1))
    receiver = Receiver("console", "console", Busy())
    planner = Planner(redis, clock, [receiver], load_routes(DEFAULT_ROUTES, ["console"]))
    await planner.take_in([alert(n, raised_at=clock.now()) for n in (1, 2)])
    deliverer = Deliverer(receiver, Ledger(redis), clock)
    for _ in range(4):
        await planner.step(_always)
        await deliverer.drain(_always)
        await clock.advance_to(clock.now() + timedelta(seconds=30))
    await planner.lease.release()
    await redis.aclose()


async def _always() -> bool:
    return True


@pytest.fixture
def store(redis_url: str) -> dict[str, str]:
    """The settings that lead to the store."""
    asyncio.run(_told(redis_url))
    return {"MEDPULSE_REDIS": redis_url, "MEDPULSE_KAFKA": "127.0.0.1:1"}


def test_why_tells_the_whole_path(tmp_path: Path, store: dict[str, str]) -> None:
    (first, second) = answer(tmp_path, "alerts", "list", **store)
    assert {first["rule_id"], second["rule_id"]} == {"new-class3-ai"}
    said = answer(tmp_path, "alerts", "why", "device_approval:1", **store)
    assert [step["stage"] for step in said["steps"]] == [
        "raised",
        "received",
        "route",
        "deliver",
        "deliver",
        "record",
    ]
    assert "try 1 failed: busy" in said["steps"][4]["said"]
    (delivery,) = said["deliveries"]
    assert (delivery["status"], delivery["reason"], delivery["attempts"]) == ("sent", "first", 2)
    assert delivery["answer"] == "2 taken"
    shown = medpulse(tmp_path, "alerts", "why", "device_approval:1", **store)
    assert "new-class3-ai:device_approval:1" in shown.stdout


def test_acknowledged_and_silenced_by_name(tmp_path: Path, store: dict[str, str]) -> None:
    (ack,) = answer(tmp_path, "alerts", "ack", "device_approval:1", "-c", "mine", "-a", "Li Wei", **store)
    assert (ack["author"], ack["comment"]) == ("Li Wei", "mine")
    made = answer(tmp_path, "alerts", "silence", "rule=new-*", "--for", "2h", "-c", "backfill", "-a", "Li Wei", **store)
    assert made[0]["state"] == "active"
    shown = answer(tmp_path, "alerts", "show", "device_approval:1", **store)
    assert shown["ack"]["author"] == "Li Wei"
    assert [one["comment"] for one in shown["silences"]] == ["backfill"]
    (ended,) = answer(tmp_path, "alerts", "unsilence", made[0]["silence_id"][:4], "-a", "Wang Fang", **store)
    assert (ended["state"], ended["ended_by"]) == ("expired", "Wang Fang")
    assert answer(tmp_path, "alerts", "silences", **store) == []


def test_what_is_wrong_is_one_line_with_a_remedy(tmp_path: Path, store: dict[str, str]) -> None:
    refused(medpulse(tmp_path, "alerts", "why", "nothing", **store), "no alert has an id", "medpulse alerts list")
    refused(medpulse(tmp_path, "alerts", "why", "device_approval", **store), "no alert has")
    refused(medpulse(tmp_path, "alerts", "silence", "rule", "--for", "2h", "-c", "x", **store), "'rule' is no matcher")
    refused(medpulse(tmp_path, "alerts", "silence", "rule=x", "--for", "soon", "-c", "x", **store), "write 30s, 5m")
    refused(medpulse(tmp_path, "alerts", "drill", "nobody", **store), "no receiver is called 'nobody'")


def test_a_drill_is_marked_and_recorded(tmp_path: Path, store: dict[str, str]) -> None:
    receivers = tmp_path / "receivers.toml"
    receivers.write_text(RECEIVERS, encoding="utf-8")
    ended = medpulse(tmp_path, "alerts", "drill", "--json", MEDPULSE_RECEIVERS=str(receivers), **store)
    assert ended.returncode == 0, ended.stderr
    assert '"taken": true' in ended.stdout
    assert "Drill for console" in ended.stderr


def test_check_names_the_line(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('[[rule]]\nid = "a"\non = "event"\ntitle = "x"\n', encoding="utf-8")
    bad.write_text('[[rule]]\nid = "a"\non = "event"\ntitle = "x"\nsectr = ["imaging"]\n', encoding="utf-8")
    ended = medpulse(tmp_path, "alerts", "check", str(good), str(bad), "--json")
    assert ended.returncode == 1
    assert "1 rules (1 event)" in ended.stdout
    assert "line 5, rule 'a': `sectr` is not known; did you mean `sector`?" in ended.stdout
