"""Runs a timed script on a fake clock, a real Redis, and the planner and deliverers that run in life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from alerts.channels.channel import ChannelError
from alerts.deliver import Deliverer, Receiver
from alerts.ledger import Ledger
from alerts.ledger.groups import GroupStore
from alerts.merge import merged
from alerts.message import Message
from alerts.plan import Planner
from alerts.routes import Routing, load_routes
from events.base import Severity
from events.clock import VirtualClock
from events.messages import Alert, AlertSource, AlertStatus
from events.view.desk import Desk
from tests.alerts.timed.language import Act, Expected, Script, offset


async def always() -> bool:
    return True


@dataclass
class Arrived:
    """A message, and when it came."""

    at: timedelta
    message: Message

    def __str__(self) -> str:
        ids = " ".join(sorted(alert.alert_id for alert in self.message.alerts))
        return f"{self.at} {self.message.receiver} {self.message.reason} {ids} {self.message.notes or ''}"


@dataclass
class Hand:
    """A channel that keeps what it is given, and refuses when it is told to."""

    name: str
    stage: Stage
    fails: int = 0
    broken: int = 0

    async def send(self, message: Message) -> str:
        if self.broken:
            self.broken -= 1
            raise ChannelError("no such room", permanent=True)
        if self.fails:
            self.fails -= 1
            raise ChannelError("busy", permanent=False, retry_after=60)
        self.stage.arrived.append(Arrived(self.stage.elapsed, message))
        return "ok"


@dataclass
class Stage:
    """What a script is played on."""

    redis: Redis
    script: Script
    folder: Path
    arrived: list[Arrived] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin = datetime.fromisoformat(self.script.start)
        self.clock = VirtualClock(self.begin)
        self.hands = {name: Hand(name, self) for name in self.script.receivers}
        self.ledger, self.store, self.desk = Ledger(self.redis), GroupStore(self.redis), Desk(self.redis)
        self.silence = ""
        self.restart()

    @property
    def elapsed(self) -> timedelta:
        return self.clock.now() - self.begin

    def restart(self) -> None:
        """A process that knows nothing but what is in Redis."""
        self.receivers = [Receiver(name, "hand", hand) for name, hand in self.hands.items()]
        self.planner = Planner(self.redis, self.clock, self.receivers, self._routing())
        self.deliverers = [Deliverer(receiver, self.ledger, self.clock) for receiver in self.receivers]

    async def play(self) -> None:
        """Every act at its time, and between them the clock to each time at which something may happen."""
        for act in sorted(self.script.acts, key=lambda act: act.at):
            await self._run_to(act.at)
            await self._do(act)
            await self._settle()
        await self._run_to(self.script.until)

    def _routing(self) -> Routing:
        path = self.folder / "routes.toml"
        path.write_text(self.script.routes, encoding="utf-8")
        return load_routes(path, self.script.receivers)

    async def _run_to(self, at: timedelta) -> None:
        end = self.begin + at
        await self._settle()
        while (wake := await self._next()) is not None and wake <= end:
            await self.clock.advance_to(max(wake, self.clock.now()), settle=0)
            await self._settle()
        await self.clock.advance_to(end, settle=0)
        await self._settle()

    async def _next(self) -> datetime | None:
        waits = [await self.planner.wait_seconds(), *[await one.wait_seconds() for one in self.deliverers]]
        ahead = [wait for wait in waits if wait is not None]
        return self.clock.now() + timedelta(seconds=min(ahead)) if ahead else None

    async def _settle(self) -> None:
        """Until nothing can be done at this instant: alerts of the room's own come back as from the topic."""
        while True:
            await self.planner.step(always)
            for deliverer in self.deliverers:
                await deliverer.drain(always)
            own = await self.ledger.unraised()
            if not own:
                return
            await self._take(*own)
            await self.ledger.raised(own)

    async def _take(self, *alerts: Alert) -> None:
        known = await self.store.alerts(alert.alert_id for alert in alerts)
        await self.planner.take_in([merged(known.get(alert.alert_id), alert) for alert in alerts])

    async def _do(self, act: Act) -> None:
        now = self.clock.now()
        match act.verb, act.words:
            case (("push" | "hold"), (name, *more)):
                await self._take(*(made(one, now, more, act.verb == "hold") for one in _names(name)))
            case "end", (name, *_):
                for alert in (await self.store.alerts(_names(name))).values():
                    await self._take(alert.model_copy(update={"status": AlertStatus.RESOLVED, "resolved_at": now}))
            case "silence", (length, *more):
                match_: dict[str, tuple[str, ...]] = {
                    key: (value,) for key, _, value in (word.partition("=") for word in more)
                }
                held = await self.desk.silence(match_, "Li Wei", "maintenance", now, now + offset(length))
                self.silence = held.silence_id
            case "unsilence", _:
                await self.desk.unsilence(self.silence, "Wang Fang", now)
            case "ack", (name, *_):
                await self.desk.ack(name, "Li Wei", "mine", now)
            case "restart", _:
                await self.planner.lease.release()
                self.restart()
            case "fail", (receiver, times):
                self.hands[receiver].fails = int(times)
            case "break", (receiver, times):
                self.hands[receiver].broken = int(times)
            case _:
                raise ValueError(f"{act}: no such act")


def made(name: str, at: datetime, words: list[str], standing: bool) -> Alert:
    """An alert of a script: rule ``r``, severity ``notice``, title its name, unless words say otherwise."""
    fields: dict[str, Any] = {"rule": "r", "severity": "notice", "title": name, "source": ""}
    fields |= dict(word.split("=", 1) for word in words)
    seen = fields.pop("source")
    sources = (AlertSource(source_id=seen, url=f"https://{seen}.example/{name}", at=at),) if seen else ()
    rule, severity, title = fields.pop("rule"), Severity(fields.pop("severity")), fields.pop("title")
    return Alert(
        alert_id=name,
        rule_id=rule,
        severity=severity,
        title=title,
        text="",
        subject=name,
        raised_at=at,
        standing=standing,
        tags={key: tuple(value.split("+")) for key, value in fields.items()},
        sources=sources,
    )


def _names(word: str) -> list[str]:
    """``a``, or ``a1-300`` for three hundred of them."""
    head, _, last = word.partition("-")
    stem = head.rstrip("0123456789")
    if not last.isdigit() or stem == head:
        return [word]
    return [f"{stem}{n}" for n in range(int(head[len(stem) :]), int(last) + 1)]


def differences(script: Script, arrived: list[Arrived]) -> list[str]:
    """What did not come as expected, and what came that was not."""
    left = list(arrived)
    wrong: list[str] = []
    for expected in script.expected:
        if expected.reason == "nothing":
            inside = [a for a in arrived if _in_time(expected, a)]
            wrong += [f"nothing was expected {expected.begin}..{expected.end}, but {one} came" for one in inside]
            continue
        found = next((a for a in left if _is(expected, a)), None)
        if found is None:
            wrong.append(f"did not come: {expected}")
        else:
            left.remove(found)
    return wrong + [f"came unexpected: {one}" for one in left]


def _in_time(expected: Expected, arrived: Arrived) -> bool:
    return arrived.message.receiver == expected.receiver and expected.begin <= arrived.at <= expected.end


def _is(expected: Expected, arrived: Arrived) -> bool:
    ids = sorted(alert.alert_id for alert in arrived.message.alerts)
    wanted = sorted(name for word in expected.alerts for name in _names(word))
    alerts = len(ids) == len(wanted) and all(map(fnmatchcase, ids, wanted))
    notes = all(any(words in note for note in arrived.message.notes) for words in expected.notes)
    return _in_time(expected, arrived) and str(arrived.message.reason) == expected.reason and alerts and notes
