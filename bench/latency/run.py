"""One run: embedded servers, the scraper, the worker and the alerts as processes, and phases at growing rates."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.flow.cost import cpu_of
from bench.latency.hops import hops, stations
from bench.latency.percentile import percentile
from bench.latency.sector import Shape, facts
from bench.latency.site import Place
from events.clock import SystemClock
from medpulse.embedded.process import Leashed
from medpulse.embedded.servers import embedded_servers

Say = Callable[[str], None]
SHAPES = {1: Shape(1), 10: Shape(5), 100: Shape(20, alerting=4)}
"""The delivery pages of each rate (rows a second). At a hundred one row in four is told: that is more than people read, or
Slack takes (one message a second), and a message of more than some fifty alerts would not name them all."""
SECONDS = {1: 100.0, 10: 40.0, 100: 20.0}
WARM_PAGES, SOON_SECONDS = 90, 2.0
GRACE_SECONDS = 45.0
"""How long after the last page the messages are waited for; what then has not come is lost."""
ROUTES = """\
[[route]]
id = "at-once"
receivers = ["*"]
group_by = ["rule"]
group_wait = "0s"
group_interval = "0.1s"
"""
"""Told at once, and what comes within a tenth of a second of a message is told in the next: the least that a route may say."""
RECEIVERS = '[[receiver]]\nid = "slack"\nchannel = "slack"\nurl_env = "LATENCY_HOOK"\n'


@dataclass(frozen=True, slots=True)
class Latency:
    """At one rate (events a second): seconds from the request that was shown a row to Slack's receipt, and by hop.

    ``rows`` are those that are alerts; ``cpu`` is seconds of processor by room for any row. ``late`` are rows that were not
    told within the grace: with any, no percentile means anything.
    """

    rate: int
    rows: int
    late: int
    p50: float
    p99: float
    hops: Mapping[str, tuple[float, float]]
    cpu: Mapping[str, float]


class NoStart(RuntimeError):
    """The rooms told of nothing while they were given time to warm up. The text ends with their logs' last lines."""


async def latency(rates: Sequence[int], say: Say, scale: float = 1.0) -> list[Latency]:
    """Measure each rate, one after the other, on rooms that run already. ``scale`` shortens or lengthens the phases."""
    shapes = [Shape(1)] * WARM_PAGES
    for rate in rates:
        shapes += [SHAPES[rate]] * _pages(rate, scale)
    place = Place(facts(shapes))
    await place.start()
    try:
        with tempfile.TemporaryDirectory(prefix="medpulse-latency-") as folder:
            async with embedded_servers(Path(folder) / "servers") as servers:
                env = _environment(Path(folder), servers.bootstrap, servers.redis_url, place.url)
                async with _rooms(Path(folder), env, place.url) as rooms:
                    await _warm(place, rooms)
                    say("the rooms are warm")
                    phases = [await _phase(place, rate, scale, rooms) for rate in rates]
                between = await stations(servers.bootstrap)
    finally:
        await place.stop()
    found = [_judged(rate, place, between, *phase) for rate, phase in zip(rates, phases, strict=True)]
    for one in found:
        say("\n".join(lines(one)))
    return found


def _pages(rate: int, scale: float) -> int:
    return max(1, round(SECONDS[rate] * scale * rate / SHAPES[rate].rows))


async def _warm(place: Place, rooms: Sequence[Leashed]) -> None:
    """Show a page a second until five in a row were told soon, then the rest of the pages that are kept for this."""
    for page in range(1, WARM_PAGES):
        place.show(page)
        await asyncio.sleep(1.0)
        latest = list(place.told)[-5:]
        if len(latest) == 5 and all(place.told[one] - place.asked[one] < SOON_SECONDS for one in latest):
            break
    if not place.told:
        raise NoStart("\n".join(str(room.failure("told of nothing")) for room in rooms))
    place.show(WARM_PAGES)
    await _until(lambda: len(place.told) == WARM_PAGES, GRACE_SECONDS)


async def _phase(place: Place, rate: int, scale: float, rooms: Sequence[Leashed]) -> tuple[list[str], dict[str, float]]:
    """Show the pages of one rate at their times, until all is told or the grace is over.

    Returns the numbers on them, and the seconds of processor of each room for one of them.
    """
    before = {room.name: _cpu(room) for room in rooms}
    first = place.shown
    numbers: list[str] = []
    began = time.monotonic()
    for page in range(_pages(rate, scale)):
        numbers += place.show(first + page + 1)
        due = began + (page + 1) * SHAPES[rate].rows / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    await _until(lambda: all(number in place.told for number in numbers), GRACE_SECONDS)
    return numbers, {
        room.name: (_cpu(room) - before[room.name]) / (_pages(rate, scale) * SHAPES[rate].rows) for room in rooms
    }


def _cpu(room: Leashed) -> float:
    """Seconds of processor of a room, which is the child of its leash."""
    children = Path(f"/proc/{room.pid}/task/{room.pid}/children").read_text().split()
    return sum(cpu_of(int(pid)) for pid in children)


async def _until(done: Callable[[], bool], seconds: float) -> None:
    began = time.monotonic()
    clock = SystemClock()
    while not done() and time.monotonic() - began < seconds:
        await clock.sleep(0.1)


def _judged(
    rate: int, place: Place, between: Sequence[Mapping[str, float]], numbers: Sequence[str], cpu: Mapping[str, float]
) -> Latency:
    told = [place.told[one] - place.asked[one] for one in numbers if one in place.told and one in place.asked]
    late = len(numbers) - len(told)
    waits = [*told, *([float("inf")] * late)]
    by_hop = hops(numbers, place.asked, between, place.told)
    return Latency(rate, len(numbers), late, percentile(waits, 50), percentile(waits, 99), by_hop, cpu)


def lines(one: Latency) -> list[str]:
    """A rate's figures, and below them those of its hops; pure."""
    head = f"{one.rate:4d} events/s: {one.rows} alerts, p50 {one.p50 * 1000:6,.0f} ms, p99 {one.p99 * 1000:6,.0f} ms"
    if one.late:
        head += f", {one.late} not told within {GRACE_SECONDS:.0f} s"
    spent = ", ".join(f"{name} {seconds * 1000:.1f}" for name, seconds in one.cpu.items())
    return [
        f"{head}; processor, ms a row: {spent}",
        *(
            f"     {name:18} p50 {p50 * 1000:6,.0f} ms  p99 {p99 * 1000:6,.0f} ms"
            for name, (p50, p99) in one.hops.items()
        ),
    ]


@asynccontextmanager
async def _rooms(folder: Path, env: Mapping[str, str], url: str) -> AsyncIterator[list[Leashed]]:
    commands = {
        "worker": ["-m", "medpulse", "run", "worker"],
        "alerts": ["-m", "medpulse", "run", "alerts"],
        "scraper": ["-m", "bench.latency.scraper", url],
    }
    rooms: list[Leashed] = []
    try:
        for name, arguments in commands.items():
            mine = {**os.environ, **env, "MEDPULSE_HOME": str(folder / name)}
            rooms.append(Leashed.start([sys.executable, *arguments], name=name, log=folder / f"{name}.log", env=mine))
        yield rooms
    finally:
        await asyncio.gather(*(asyncio.to_thread(room.stop) for room in reversed(rooms)))


def _environment(folder: Path, kafka: str, redis: str, url: str) -> dict[str, str]:
    (folder / "routes.toml").write_text(ROUTES, encoding="utf-8")
    (folder / "receivers.toml").write_text(RECEIVERS, encoding="utf-8")
    return {
        "MEDPULSE_KAFKA": kafka,
        "MEDPULSE_REDIS": redis,
        "MEDPULSE_IDEMPOTENT": "false",
        "MEDPULSE_ROUTES": str(folder / "routes.toml"),
        "MEDPULSE_RECEIVERS": str(folder / "receivers.toml"),
        "LATENCY_HOOK": f"{url}/hook",
    }
