"""The processes of a chaos run: servers and rooms, each behind its proxies, killed, stopped, reset and kept running."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bench.chaos.plan import CLIENTS, PAIRS
from bench.chaos.proxy import Proxy
from bench.chaos.sector import RULES
from bench.real import install_kafka, kafka_command, redis_command
from events.clock import SystemClock
from medpulse.embedded.process import Leashed, free_port

AGAIN_SECONDS = 0.5
ROUTES = """\
[[start]]
settle = "1s"

[[route]]
id = "chaos"
receivers = ["*"]
group_by = ["rule"]
group_wait = "1s"
group_interval = "5s"
"""
"""Short waits: more messages, so that more faults fall between a claim and its record."""
RECEIVERS = '[[receiver]]\nid = "chaos"\nchannel = "slack"\nurl_env = "CHAOS_HOOK"\n'


class Actor:
    """A process that is started again whenever it ends, however it ends, until it is let go of.

    One that is wanted ``once`` is ``finished`` when it has ended with 0.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None, *, once: bool = False
    ) -> None:
        self.name = name
        self._once = once
        self.ends: Counter[int] = Counter()
        self.finished = False
        self._command = command
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
        self._log = log
        self._process: Leashed | None = None

    async def run(self) -> None:
        """Keep it running until cancelled, or finished. Ends it at the end."""
        clock = SystemClock()
        try:
            while not self.finished:
                self._process = Leashed.start(self._command, name=self.name, log=self._log, env=self._env)
                code = await self._process.wait()
                self.ends[code] += 1
                self.finished = self._once and code == 0
                await asyncio.to_thread(self._process.stop)
                await clock.sleep(AGAIN_SECONDS)
        finally:
            if self._process is not None:
                self.signal(signal.SIGCONT)
                self._process.kill()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process itself, not to its leash; nothing happens where it does not run."""
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _pids(self) -> list[int]:
        if self._process is None or self._process.exit_code is not None:
            return []
        leash = self._process.pid
        with suppress(OSError):
            return [int(pid) for pid in Path(f"/proc/{leash}/task/{leash}/children").read_text().split()]
        return []


class Stage:
    """Every process and proxy of a run. Addresses: ``kafka`` and ``redis`` are direct, for those who look on."""

    def __init__(self, folder: Path, seed: int, events: int, pace: float) -> None:
        self.ports = {server: free_port() for server in ("kafka", "redis", "slack", "controller")}
        self.kafka = f"127.0.0.1:{self.ports['kafka']}"
        self.redis = f"redis://127.0.0.1:{self.ports['redis']}/0"
        self.actors: dict[str, Actor] = {}
        self.proxies: dict[tuple[str, str], Proxy] = {}
        self._folder = folder
        self._feed = [sys.executable, "-m", "bench.chaos.feeder", str(seed), str(events), str(pace)]
        self._listeners: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start_servers(self) -> None:
        """Start the proxies, Kafka and Redis. They may take a while until they answer."""
        await asyncio.to_thread(install_kafka)
        for client, server in PAIRS:
            target = self.ports[server]
            port = free_port()
            if server == "kafka":  # a client is told the address of the listener it came by: its own proxy's
                target = free_port()
                self._listeners.append(f"{client.replace('-', '').upper()}:{target}:{port}")
            self.proxies[client, server] = Proxy(port, target)
            await self.proxies[client, server].start()
        folders = {name: self._folder / name for name in ("kafka", "redis")}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        kafka = kafka_command(folders["kafka"], self.ports["kafka"], self.ports["controller"])
        self._act("kafka", kafka, {"KAFKA_LISTENERS": " ".join(self._listeners)})
        # What Redis has answered for is on the disk: a kill must not take it back.
        self._act("redis", redis_command(folders["redis"], self.ports["redis"], fsync="always"))

    def start_rooms(self) -> None:
        """Start the rooms; topics must exist."""
        (self._folder / "rules.toml").write_text(RULES, encoding="utf-8")
        (self._folder / "routes.toml").write_text(ROUTES, encoding="utf-8")
        (self._folder / "receivers.toml").write_text(RECEIVERS, encoding="utf-8")
        run = [sys.executable, "-m", "medpulse", "run"]
        for name in CLIENTS:
            command = self._feed if name == "feeder" else [*run, name.partition("-")[0]]
            self._act(name, command, self._env(name))

    async def stop(self) -> None:
        """End everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for proxy in self.proxies.values():
            await proxy.stop()

    def _act(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.actors[name] = Actor(name, command, self._folder / "logs" / f"{name}.log", env, once=name == "feeder")
        self._tasks.append(asyncio.create_task(self.actors[name].run()))

    def _env(self, client: str) -> dict[str, str]:
        port = {server: proxy.port for (whose, server), proxy in self.proxies.items() if whose == client}
        return {
            "MEDPULSE_HOME": str(self._folder / client),
            "MEDPULSE_KAFKA": f"127.0.0.1:{port['kafka']}",
            "MEDPULSE_REDIS": f"redis://127.0.0.1:{port['redis']}/0",
            "MEDPULSE_IDEMPOTENT": "true",
            "MEDPULSE_PATIENT": "true",
            "MEDPULSE_RULES": str(self._folder / "rules.toml"),
            "MEDPULSE_ROUTES": str(self._folder / "routes.toml"),
            "MEDPULSE_RECEIVERS": str(self._folder / "receivers.toml"),
            "CHAOS_HOOK": f"http://127.0.0.1:{port.get('slack', 0)}/hook",
        }
