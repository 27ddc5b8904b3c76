"""``python -m bench.soak`` (`make soak`): ninety virtual days of polling with outages; memory and keys over time are printed.

Scraper, alerts and the embedded servers run as in the demo, the worker as a child. Now and then a site of the town is out for
some hours, and the worker is killed. What must stay bounded: the memory of both processes, and every key that is not part of
the view, which grows with what happens in the sector. Exit code 1 where they do not.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from redis.asyncio import Redis
from rich.console import Console

from events.clock import Clock, VirtualClock
from events.view import layout
from events.view.reader import View
from medpulse.backends import Backends
from medpulse.demo import STRIDE, WatchedClock, sources
from medpulse.embedded.child import Child
from medpulse.embedded.servers import embedded_servers
from medpulse.house import House, drained, house
from medpulse.rooms import run_alerts, together, worker_child
from medpulse.scraping import runner
from medpulse.settings import Settings
from scrapers.room import ScraperRoom
from simulator.facts import facts
from simulator.town import Town
from simulator.transport import TownTransport

BEGIN = datetime(2022, 6, 1, tzinfo=UTC)
CADENCE = 6 * 3600
ROW_DAYS = 5
WARM_DAYS = 30
"""What grows afterwards is growth; before, caches fill."""
MOST_GROWTH = 1.25
MOST_KEYS = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One look: megabytes of this process, of the worker and of Valkey, keys outside the view and in it, events."""

    day: int
    own: float
    worker: float
    valkey: float
    keys: int
    view_keys: int
    events: int


class Outages(httpx.AsyncBaseTransport):
    """The town, each host of which is out for twelve hours now and then, the same for the same seed."""

    def __init__(self, inner: httpx.AsyncBaseTransport, clock: Clock, seed: int) -> None:
        self._inner = inner
        self._clock = clock
        self._seed = seed
        self.refused = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        half = int((self._clock.now() - BEGIN) / timedelta(hours=12))
        if Random(f"{self._seed}/{request.url.host}/{half}").random() < 0.05:
            self.refused += 1
            raise httpx.ConnectError("the site is out", request=request)
        return await self._inner.handle_async_request(request)


async def run(days: int, seed: int, folder: Path) -> list[Row]:
    """Live through the days; returns what was seen."""
    clock, stop = VirtualClock(BEGIN), asyncio.Event()
    settings = Settings(home=folder, kafka=None, redis=None)
    async with embedded_servers(folder) as servers:
        found = Backends(servers.bootstrap, servers.redis_url, idempotent=False, attended=False)
        async with house(settings, found, WatchedClock(clock)) as home:
            worker = worker_child(home)
            told = run_alerts(home, stop, Console(file=io.StringIO()))
            rows: list[Row] = []
            await together(stop, worker.run(stop), told, _days(home, worker, clock, days, seed, rows))
            return rows


async def _days(home: House, worker: Child, clock: VirtualClock, days: int, seed: int, rows: list[Row]) -> None:
    transport = Outages(TownTransport(Town(facts(), clock)), clock, seed)
    scrapers = House(home.settings, home.backends, home.redis, home.publisher, clock)
    rng, end = Random(seed), BEGIN + timedelta(days=days)
    async with runner(scrapers, transport) as made:
        often = [source.model_copy(update={"cadence": CADENCE}) for source in sources()]
        room, finished = ScraperRoom(made, often, seed=seed), asyncio.Event()
        polling = asyncio.create_task(room.run(finished))
        await asyncio.sleep(0)
        while True:
            await room.settled()
            wake = clock.next_wake()
            if wake is None or wake > end:
                break
            await clock.advance_to(wake + STRIDE)
            if (clock.now() - BEGIN).days >= ROW_DAYS * (len(rows) + 1):
                await drained(home, asyncio.Event())
                rows.append(await _row(home.redis, worker, (clock.now() - BEGIN).days))
                show(rows[-1], transport.refused)
                if rng.random() < 0.5 and worker.pid is not None:
                    os.kill(worker.pid, signal.SIGKILL)
        finished.set()
        await polling


async def _row(redis: Redis, worker: Child, day: int) -> Row:
    client: Any = redis
    keys = view_keys = 0
    async for key in redis.scan_iter(count=1000):
        inside = layout.text(key).startswith("{medpulse:v")
        keys, view_keys = keys + (not inside), view_keys + inside
    used = (await client.info("memory"))["used_memory"] / 2**20
    return Row(day, resident(os.getpid()), _child(worker), used, keys, view_keys, await View(redis).count_events())


def _child(worker: Child) -> float:
    with suppress(OSError):
        if worker.pid is not None:
            children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
            return sum(resident(int(pid)) for pid in children)
    return 0.0


def resident(pid: int) -> float:
    """Megabytes of memory that a process has (proc(5), statm)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def show(row: Row, refused: int) -> None:
    """Print a row."""
    print(
        f"day {row.day:3d}  scraper and alerts {row.own:5.0f} MB  worker {row.worker:5.0f} MB  Valkey {row.valkey:6.1f} MB  "
        f"keys {row.keys:5d} + {row.view_keys:5d} of the view  events {row.events:6d}  refused {refused}",
        flush=True,
    )


def faults(rows: list[Row]) -> list[str]:
    """What did not stay bounded after the first `WARM_DAYS`; pure."""
    warm = [row for row in rows if row.day >= WARM_DAYS]
    if len(warm) < 2:
        return []
    first, last = warm[0], warm[-1]
    found = [f"memory {first.own:.0f} → {last.own:.0f} MB"] if last.own > MOST_GROWTH * first.own else []
    if first.worker and last.worker > MOST_GROWTH * first.worker:
        found.append(f"the worker's memory {first.worker:.0f} → {last.worker:.0f} MB")
    return found + ([f"keys {first.keys} → {last.keys}"] if last.keys > first.keys + MOST_KEYS else [])


def main() -> int:
    """Parse, live, judge."""
    parser = argparse.ArgumentParser(prog="make soak", description=(__doc__ or "").split(";")[0])
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="medpulse-soak-") as folder:
        rows = asyncio.run(run(asked.days, asked.seed, Path(folder)))
    grown = faults(rows)
    print("; ".join(grown) if grown else f"bounded over {rows[-1].day if rows else 0} days")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
