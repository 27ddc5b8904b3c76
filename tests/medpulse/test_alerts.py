"""``medpulse alerts`` as a person runs it, on a store that alerts went through."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner, Result

from alerts.channels.channel import ChannelError
from alerts.deliver import Deliverer, Receiver
from alerts.ledger import Ledger
from alerts.message import Message
from alerts.plan import Planner
from alerts.routes import DEFAULT_ROUTES, load_routes
from events.clock import SystemClock, VirtualClock
from medpulse.cli import whole
from medpulse.errors import Failure
from tests.alerts.build import alert
from tests.medpulse.command import medpulse

app = whole()

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


def run(*words: str) -> Result:
    """``medpulse alerts …`` in this process: a new one costs seconds of a processor for each of these lines."""
    return CliRunner().invoke(app, ["alerts", *words])


def answer(*words: str) -> Any:
    """The JSON that a command printed."""
    ended = run(*words, "--json")
    assert ended.exit_code == 0, ended.exception
    return orjson.loads(ended.stdout)


def refused(ended: Result, *said: str) -> None:
    """Assert that a command failed as promised: a failure that an operator can do something about, in these words."""
    assert isinstance(ended.exception, Failure), ended.exception
    for words in said:
        assert words in str(ended.exception)


@pytest.fixture
def store(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings lead to a store that two alerts went through; the folder of the test."""
    asyncio.run(_told(redis_url))
    monkeypatch.setenv("MEDPULSE_REDIS", redis_url)
    monkeypatch.setenv("MEDPULSE_KAFKA", "127.0.0.1:1")
    return tmp_path


@pytest.mark.usefixtures("store")
def test_why_tells_the_whole_path() -> None:
    (first, second) = answer("list")
    assert {first["rule_id"], second["rule_id"]} == {"new-class3-ai"}
    said = answer("why", "device_approval:1")
    stages = [step["stage"] for step in said["steps"]]
    assert stages == ["raised", "received", "route", "deliver", "deliver", "record"]
    assert "try 1 failed: busy" in said["steps"][4]["said"]
    (delivery,) = said["deliveries"]
    assert (delivery["status"], delivery["reason"], delivery["attempts"]) == ("sent", "first", 2)
    assert delivery["answer"] == "2 taken"
    assert "new-class3-ai:device_approval:1" in run("why", "device_approval:1").stdout


@pytest.mark.usefixtures("store")
def test_acknowledged_and_silenced_by_name() -> None:
    (ack,) = answer("ack", "device_approval:1", "-c", "mine", "-a", "Li Wei")
    assert (ack["author"], ack["comment"]) == ("Li Wei", "mine")
    made = answer("silence", "rule=new-*", "--for", "2h", "-c", "backfill", "-a", "Li Wei")
    assert made[0]["state"] == "active"
    shown = answer("show", "device_approval:1")
    assert shown["ack"]["author"] == "Li Wei"
    assert [one["comment"] for one in shown["silences"]] == ["backfill"]
    (ended,) = answer("unsilence", made[0]["silence_id"][:4], "-a", "Wang Fang")
    assert (ended["state"], ended["ended_by"]) == ("expired", "Wang Fang")
    assert answer("silences") == []
    assert len(answer("silences", "--all")) == 1


@pytest.mark.usefixtures("store")
def test_what_is_wrong_is_said_with_a_remedy() -> None:
    refused(run("why", "nothing"), "no alert has an id", "medpulse alerts list")
    refused(run("why", "new-class3-ai"), "2 alerts have an id")
    refused(run("silence", "rule", "--for", "2h", "-c", "x"), "'rule' is no matcher")
    refused(run("silence", "rule=x", "--for", "soon", "-c", "x"), "write 30s, 5m")
    refused(run("unsilence", "beef"), "no silence has an id")
    refused(run("drill", "nobody"), "no receiver is called 'nobody'")


def test_a_drill_is_marked_and_recorded(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receivers = store / "receivers.toml"
    receivers.write_text(RECEIVERS, encoding="utf-8")
    monkeypatch.setenv("MEDPULSE_RECEIVERS", str(receivers))
    (drilled,) = answer("drill")
    assert (drilled["receiver"], drilled["taken"]) == ("console", True)


def test_check_names_the_line(tmp_path: Path) -> None:
    """As a process of its own: what a person sees."""
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('[[rule]]\nid = "a"\non = "event"\ntitle = "x"\n', encoding="utf-8")
    bad.write_text('[[rule]]\nid = "a"\non = "event"\ntitle = "x"\nsectr = ["imaging"]\n', encoding="utf-8")
    ended = medpulse(tmp_path, "alerts", "check", str(good), str(bad), "--json")
    assert ended.returncode == 1
    assert "1 rules (1 event)" in ended.stdout
    assert "line 5, rule 'a': `sectr` is not known; did you mean `sector`?" in ended.stdout
