"""The run: servers, receiver, dispatchers, kills, and the account at the end."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import secrets
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer
from pydantic import SecretStr
from redis.asyncio import Redis

from bench.chaos_alerts.dispatcher import RECEIVER
from bench.chaos_alerts.quick import START
from bench.chaos_alerts.receiver import Receiver
from events.base import Severity
from events.clock import monotonic
from events.kafka import create_topics, publisher
from events.messages import Alert, Delivery
from events.topics import DELIVERIES
from events.view import layout
from events.wire import decode, record
from medpulse.embedded.servers import embedded_redis, tansu
from tests.integration.servers import apache_kafka

ROOT = Path(__file__).resolve().parents[2]
SPEED = 60.0
WAVES = 10
PATIENCE_SECONDS = 240.0
"""If nothing arrives for so long, the run gives up and counts what is missing as lost."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is sent, and how often a dispatcher is killed."""

    alerts: int
    kills: int
    processes: int
    seed: int


@dataclass(frozen=True, slots=True)
class Result:
    """The account. ``unrecorded``: alerts without a record of their delivery on the topic ``deliveries``."""

    alerts: int
    lost: int
    duplicates_unmarked: int
    duplicates_marked: int
    unrecorded: int
    kills: int
    requests: int
    failures: int
    seconds: float

    @property
    def good(self) -> bool:
        return not (self.lost or self.duplicates_unmarked or self.unrecorded)

    @property
    def line(self) -> str:
        return (
            f"lost {self.lost} duplicates_unmarked {self.duplicates_unmarked} duplicates_marked {self.duplicates_marked} "
            f"unrecorded {self.unrecorded} alerts {self.alerts} kills {self.kills} requests {self.requests} "
            f"failed {self.failures} seconds {self.seconds:.0f}"
        )


class Chaos:
    """One run on servers that are there."""

    def __init__(self, plan: Plan, bootstrap: str, redis_url: str, folder: Path) -> None:
        self._plan = plan
        self._bootstrap = bootstrap
        self._redis_url = redis_url
        self._folder = folder
        self._chance = random.Random(plan.seed)
        self._secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()  # pragma: allowlist secret
        self._receiver = Receiver(SecretStr(self._secret), random.Random(plan.seed + 1))
        self._processes: list[Process] = []
        self._origin = monotonic()
        self._kills = 0
        self._next_kill = 0
        self._log = (folder / "dispatchers.log").open("ab")

    @classmethod
    @asynccontextmanager
    async def on_servers(cls, plan: Plan, folder: Path, *, kafka: bool = False) -> AsyncIterator[Chaos]:
        """A run on servers of its own."""
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(embedded_redis(folder / "valkey"))
            if kafka:
                bootstrap = await stack.enter_async_context(apache_kafka(folder / "kafka"))
            else:
                _, bootstrap = await stack.enter_async_context(tansu(folder / "tansu.log"))
            await create_topics(bootstrap)
            yield cls(plan, bootstrap, url, folder)

    async def run(self) -> Result:
        """Everything, to the end."""
        began = monotonic()
        await self._receiver.start()
        redis: Redis = Redis.from_url(self._redis_url)
        self._receiver.on_request = self._perhaps_kill
        self._plan_kill()
        try:
            for _ in range(self._plan.processes):
                self._processes.append(await self._dispatcher())
            feeding = asyncio.create_task(self._feed())
            await self._until_done(redis)
            await feeding
            recorded = await self._recorded()
        finally:
            self._receiver.on_request = None
            await self._stop()
            await redis.aclose()
            await self._receiver.stop()
            self._log.close()
        return self._account(recorded, monotonic() - began)

    async def _feed(self) -> None:
        """Publish the alerts in waves, so that dispatchers die while they read, too."""
        alerts = [_alert(n, self._plan.alerts) for n in range(self._plan.alerts)]
        size = -(-len(alerts) // WAVES)
        async with publisher(self._bootstrap, idempotent=False) as out:
            for start in range(0, len(alerts), size):
                await out.send([record(alert) for alert in alerts[start : start + size]])
                await self._until_requests(self._receiver.requests + self._plan.alerts // (WAVES * 4))

    async def _until_requests(self, count: int, seconds: float = 20.0) -> None:
        """Until the receiver has had so many requests; a receiver that nobody asks any more is not waited for."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._receiver.had(count), seconds)

    async def _until_done(self, redis: Redis) -> None:
        """Until the ledger has every alert and every kill was done, or nothing moves any more. The dead are replaced."""
        last, moved = -1, monotonic()
        while True:
            await self._replace_dead()
            done = int(await redis.hlen(layout.DELIVERED))
            if done >= self._plan.alerts and self._kills >= self._plan.kills:
                return
            progress = self._receiver.requests + self._kills + done
            if progress != last:
                last, moved = progress, monotonic()
            if monotonic() - moved > PATIENCE_SECONDS:
                print(f"nothing moved for {PATIENCE_SECONDS:.0f} s: {done} of {self._plan.alerts} are done", flush=True)
                return
            await asyncio.sleep(0.1)

    async def _recorded(self) -> set[str]:
        """The ids of the alerts whose delivery is on the topic, read until it has all of them or gives no more."""
        found: set[str] = set()
        consumer = AIOKafkaConsumer(
            DELIVERIES.name, bootstrap_servers=self._bootstrap, auto_offset_reset="earliest", max_poll_records=5000
        )
        await consumer.start()
        try:
            quiet = 0
            while len(found) < self._plan.alerts and quiet < 40:
                fetched = await consumer.getmany(timeout_ms=500)
                quiet = 0 if fetched else quiet + 1
                for batch in fetched.values():
                    deliveries = [decode(Delivery, message.value) for message in batch]
                    found |= {d.alert_id for d in deliveries if d.status == "sent" and d.receiver == RECEIVER}
        finally:
            await consumer.stop()
        return found

    def _account(self, recorded: set[str], seconds: float) -> Result:
        arrivals = self._receiver.arrivals
        again = [marked for times in arrivals.values() for marked in times[1:]]
        ids = {_alert(n, self._plan.alerts).alert_id for n in range(self._plan.alerts)}
        answers = self._receiver.answers
        return Result(
            alerts=self._plan.alerts,
            lost=len(ids - set(arrivals)) + self._receiver.forged,
            duplicates_unmarked=again.count(False),
            duplicates_marked=again.count(True),
            unrecorded=len(ids - recorded),
            kills=self._kills,
            requests=answers.total(),
            failures=answers.total() - answers["taken"],
            seconds=seconds,
        )

    def _plan_kill(self) -> None:
        """After how many more requests the next one dies: so that the kills are spread over the whole run."""
        share = max(2, self._plan.alerts * 5 // (4 * max(1, self._plan.kills)))
        self._next_kill = self._receiver.requests + self._chance.randint(1, share)

    def _perhaps_kill(self) -> None:
        """Called by the receiver while it has a message in its hands and has not answered."""
        if self._kills >= self._plan.kills or self._receiver.requests < self._next_kill:
            return
        if self._chance.random() < 0.5:
            self._kill()
        else:  # and the other half at any moment
            asyncio.get_running_loop().call_later(self._chance.random() * 0.2, self._kill)
            self._next_kill = sys.maxsize
        if self._next_kill != sys.maxsize:
            self._plan_kill()

    def _kill(self) -> None:
        alive = [process for process in self._processes if process.returncode is None]
        if alive and self._kills < self._plan.kills:
            with suppress(ProcessLookupError):
                os.kill(self._chance.choice(alive).pid, signal.SIGKILL)
                self._kills += 1
                if self._kills % 5 == 0:
                    told = len(self._receiver.arrivals)
                    print(f"{self._kills} kills, {self._receiver.requests} requests, {told} alerts told", flush=True)
        self._plan_kill()

    async def _replace_dead(self) -> None:
        for n, process in enumerate(self._processes):
            if process.returncode is not None:
                self._processes[n] = await self._dispatcher()
        # Nothing is left to ask for, but kills are: those that idle are killed as well.
        if self._kills < self._plan.kills and len(self._receiver.arrivals) >= self._plan.alerts:
            self._kill()

    async def _dispatcher(self) -> Process:
        command = [sys.executable, "-m", "bench.chaos_alerts.dispatcher", self._bootstrap, self._redis_url]
        command += [f"{self._receiver.url}/", str(self._origin), str(SPEED)]
        env = {**os.environ, "CHAOS_SECRET": self._secret}
        return await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=env, stdout=self._log, stderr=self._log, start_new_session=True
        )

    async def _stop(self) -> None:
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _alert(number: int, of: int) -> Alert:
    """Half of them each of a rule of its own, half in bursts of a hundred: both ways of telling are tried."""
    burst = number >= of // 2
    rule = f"burst-{number // 100}" if burst else f"rule-{number}"
    return Alert(
        alert_id=f"{rule}:{number}",
        rule_id=rule,
        severity=Severity.NOTICE,
        title=f"alert {number}",
        text="",
        subject=f"subject {number}",
        raised_at=START,
    )
