"""``python -m bench.board`` (`make bench-board`): how long each page of the board takes over a large view.

A Valkey of its own is filled through the Store with events in the proportions of the sector, the board is served on a port, and
each page is asked for over HTTP in three ways. ``again``: the same address as before. ``others``: each time with something that
was not asked before (another company, province, product, word, and always another as-of day), so that nothing is kept of it.
``changed``: the same address, right after an event was applied. ``cpu`` is the processor time of one of the others and of one
of the changed, which other work on the machine changes little. The client shares the board's process and its processor.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import httpx
from redis.asyncio import Redis

from bench.sector import PRODUCTS, PROVINCES, WORDS, Sector100k
from board.app import create_app
from board.serve import LOOPBACK, serve
from events.clock import VirtualClock
from events.event import IpoStage
from events.labels import Modality
from events.scenarios import SCENARIOS
from events.view.reader import View
from medpulse.embedded.servers import embedded_redis
from streams.store import Store

NOW = datetime(2022, 9, 1, 4, tzinfo=UTC)
BATCH = 500
LIMIT_MS = 200.0
PAGES = (
    "/",
    "/certificates",
    "/certificates?scenario={scenario}&modality={modality}&sort=company&direction=asc",
    "/certificates?scope=all&q={word}&page=3",
    "/pricing",
    "/pricing?province={province}",
    "/pricing?product={product}",
    "/companies",
    "/companies?q={number}",
    "/companies/{company}",
    "/filings",
    "/filings?stage={stage}&q=年度报告",
    "/guidance",
    "/events",
    "/events?page={page}",
    "/events?q={word}",
    "/events?q={word} 智能",
    "/events?q=radiological software {number}",
    "/events?metric=class3_certificates&dims=scenario={scenario}",
    "/events/{event}",
    "/figures",
    "/figures/class3_certificates?by=scenario",
    "/figures/pricing_provinces?by=product&window=365d",
    "/figures/funnel_products?by=step",
    "/figures/distance_to_profitability?by=sector",
    "/alerts",
    "/sources",
    "/feed/events.atom?company={company}",
    "/calendar.ics",
    "/certificates.csv",
    "/charts/certificates.svg",
    "/api/summary",
    "/api/events?limit=50&q={word}",
    "/api/insight",
    "/api/companies",
    "/api/metrics",
)
UNDATED = ("/alerts", "/sources", "/events/{event}")
"""Pages that say the same on any day: they are not asked with one."""


class Asker:
    """Fills the places of an address: the same ones for each seed, and no address twice."""

    def __init__(self, events: list[str], companies: list[str], seed: int = 1) -> None:
        """``companies`` are in the order of their events, most first; half of those asked for are of the first."""
        self._random = random.Random(seed)
        self._events, self._companies = events, companies
        self._days = [date(2018, 1, 1) + timedelta(days=n) for n in range(1700)]
        self._random.shuffle(self._days)

    def other(self, page: str) -> str:
        """An address of the page that was not asked before."""
        path = self.filled(page)
        if page in UNDATED:
            return path
        return f"{path}{'&' if '?' in path else '?'}as_of={self._days.pop()}"

    def filled(self, page: str) -> str:
        """The page with its places filled."""
        choice, number = self._random.choice, self._random.randrange
        values = {
            "scenario": choice(list(SCENARIOS)),
            "modality": choice(list(Modality)),
            "province": choice(PROVINCES),
            "product": f"product_{number(PRODUCTS):03d}",
            "company": choice(self._companies[: choice((12, len(self._companies)))]),
            "stage": choice(list(IpoStage)),
            "event": choice(self._events),
            "word": choice(WORDS) + choice(WORDS),
            "number": f"{number(1000):03d}",
            "page": number(2, 1000),
        }
        return quote(page.format(**values), safe="/?&=:")


async def measure(events: int, runs: int, home: Path | None, only: str = "") -> bool:
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
                ok = await _pages(client, store, sector, runs, only)
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
    first = await _ask(client, "/events")
    index = app.state.room.index  # type: ignore[attr-defined]
    while index.version != index.latest or index.progress is not None:
        await asyncio.sleep(0.1)
        await index.fresh()
    took = time.perf_counter() - began
    print(
        f"# the index was made in {took:.1f} s; the first page was answered after {first:.0f} ms, while it was being made"
    )


async def _pages(client: httpx.AsyncClient, store: Store, sector: Sector100k, runs: int, only: str) -> bool:
    some = (await client.get("/api/events?limit=500&type=device_approval")).json()["items"]
    companies = (await client.get("/api/companies?limit=500&sort=events")).json()["items"]
    asker = Asker([one["event_id"] for one in some], [one["id"] for one in companies])
    print(f"{'median in ms of':64} {'again':>7} {'others':>7} {'most':>7} {'changed':>7} {'cpu':>7} {'cpu':>7}")
    over = 0
    for page in filter(lambda page: only in page, PAGES):
        same = asker.filled(page)
        await _ask(client, same)
        again = [await _ask(client, same) for _ in range(runs)]
        busy = time.process_time()
        others = [await _ask(client, asker.other(page)) for _ in range(runs)]
        busy = (time.process_time() - busy) * 1000 / runs
        changed, busier = [], 0.0
        for _ in range(runs):
            await store.apply(list(sector.everything(1)))
            began = time.process_time()
            changed.append(await _ask(client, same))
            busier += (time.process_time() - began) * 1000 / runs
        medians = [statistics.median(one) for one in (again, others, changed)]
        over += max(medians) >= LIMIT_MS
        mark = "  OVER" if max(medians) >= LIMIT_MS else ""
        told = (medians[0], medians[1], max(others), medians[2], busy, busier)
        print(f"{page:64} {' '.join(f'{one:7.1f}' for one in told)}{mark}", flush=True)
    print(f"# every median is under {LIMIT_MS:.0f} ms: {f'NO, {over} pages are over' if over else 'yes'}")
    print(f"# load {os.getloadavg()[0]:.1f} at the end")
    return not over


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
    parser.add_argument("--only", default="", help="the pages whose address has this in it")
    asked = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(asked.events, asked.runs, asked.home, asked.only)) else 1)


if __name__ == "__main__":
    main()
