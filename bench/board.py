"""``python -m bench.board`` (`make bench-board`): how long each page of the board takes over a large view.

A Valkey of its own is filled through the Store with events in the proportions of the sector, the board is served on a port, and
each page is asked for over HTTP: as it stands, and right after an event was applied, when what is kept must be worked out anew.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import httpx
from redis.asyncio import Redis

from bench.sector import Sector100k
from board.app import create_app
from board.serve import LOOPBACK, serve
from events.clock import VirtualClock
from events.view.reader import View
from medpulse.embedded.servers import embedded_redis
from streams.store import Store

NOW = datetime(2022, 9, 1, 4, tzinfo=UTC)
BATCH = 500
LIMIT_MS = 200.0
PAGES = (
    "/",
    "/?as_of=2020-06-30",
    "/certificates",
    "/certificates?scenario=lung_nodule&modality=CT&sort=company&direction=asc",
    "/certificates?scope=all&q=血管&page=3",
    "/pricing",
    "/pricing?province=guangdong",
    "/companies",
    "/companies?q=0012",
    "/companies/company_0001",
    "/filings",
    "/filings?stage=inquiry&q=年度报告",
    "/guidance",
    "/events",
    "/events?page=1500",
    "/events?q=肺结节",
    "/events?q=肺结节 智能",
    "/events?q=radiological software 99",
    "/events?metric=class3_certificates&dims=scenario=lung_nodule",
    "/events/{event}",
    "/figures",
    "/figures/class3_certificates?by=scenario",
    "/figures/funnel_products?by=step",
    "/alerts",
    "/sources",
    "/feed/events.atom",
    "/calendar.ics",
    "/api/summary",
    "/api/events?limit=50&q=CT",
    "/api/insight",
    "/api/companies",
    "/api/metrics",
)


async def measure(events: int, runs: int, home: Path | None) -> bool:
    """Fill, serve, ask, print. Whether every page's median is within `LIMIT_MS`."""
    with TemporaryDirectory() as folder:
        async with embedded_redis(home or Path(folder)) as url:
            redis: Redis = Redis.from_url(url)
            store = Store(redis)
            await store.load()
            began = time.perf_counter()
            have = await View(redis).count_events()
            sector = Sector100k(start=have)
            await _fill(store, sector, max(0, events - have))
            memory = (await redis.info("memory"))["used_memory_human"]
            print(f"# load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
            print(
                f"# {max(0, events - have):,} events applied in {time.perf_counter() - began:.0f} s; Valkey holds {memory}"
            )
            app = create_app(redis, VirtualClock(NOW), rate=1e9, burst=10**9)
            async with _served(app) as base, httpx.AsyncClient(base_url=base, timeout=300) as client:
                await _indexed(client, app)
                ok = await _pages(client, store, sector, runs)
            await redis.aclose()
    return ok


async def _fill(store: Store, sector: Sector100k, events: int) -> None:
    batch = []
    for event in sector.everything(events):
        batch.append(event)
        if len(batch) == BATCH:
            await store.apply(batch)
            batch = []
    await store.apply(batch)


async def _indexed(client: httpx.AsyncClient, app: object) -> None:
    began = time.perf_counter()
    first = (await client.get("/events")).elapsed.total_seconds()
    index = app.state.room.index  # type: ignore[attr-defined]
    while index.version != index.latest or index.progress is not None:
        await asyncio.sleep(0.1)
        await index.fresh()
    took = time.perf_counter() - began
    print(
        f"# the index was made in {took:.1f} s; the first page was answered after {first:.2f} s, while it was being made"
    )


async def _pages(client: httpx.AsyncClient, store: Store, sector: Sector100k, runs: int) -> bool:
    event = (await client.get("/api/events?limit=1&type=device_approval")).json()["items"][0]["event_id"]
    print(f"{'page':62} {'median':>8} {'most':>8} {'changed':>8}  ms")
    good = True
    for page in PAGES:
        path = quote(page.replace("{event}", event), safe="/?&=:")
        await _ask(client, path)
        still = [await _ask(client, path) for _ in range(runs)]
        changed = []
        for _ in range(3):
            await store.apply(list(sector.everything(1)))
            changed.append(await _ask(client, path))
        median = statistics.median(still)
        good = good and median < LIMIT_MS
        mark = "" if median < LIMIT_MS else "  OVER"
        print(f"{page:62} {median:8.1f} {max(still):8.1f} {statistics.median(changed):8.1f}{mark}", flush=True)
    print(f"# every median is under {LIMIT_MS:.0f} ms: {'yes' if good else 'NO'}")
    return good


async def _ask(client: httpx.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await client.get(path)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:300]}")
    return took


@asynccontextmanager
async def _served(app: object) -> AsyncIterator[str]:
    stop = asyncio.Event()
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(app, LOOPBACK, 0, stop, url.set_result))  # type: ignore[arg-type]
    try:
        yield await url
    finally:
        stop.set()
        await serving


def main() -> None:
    """Print the table; the exit code is 1 where a median is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--home", type=Path, help="keep the Valkey's data in this folder, and fill only what it lacks")
    asked = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(asked.events, asked.runs, asked.home)) else 1)


if __name__ == "__main__":
    main()
