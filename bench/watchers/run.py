"""One run: each contender checks every page once an hour, and is held against what truly changed."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from bench.watchers import tree
from bench.watchers.changedetection import ENVIRONMENT, Changedetection, prepared
from bench.watchers.judge import Report, Verdict, judged
from bench.watchers.sector import DAWN, Day, day
from bench.watchers.site import AT_ONCE, Site
from medpulse.embedded.process import free_port
from medpulse.embedded.servers import embedded_servers

Say = Callable[[str], None]
Rounds = Callable[[int], Awaitable[list[Report]]]
PEERS = Path(sys.prefix) / "watchers" / "bin"
"""The peers have an environment of their own (`make .venv/watchers.ready`)."""
COMPILED = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPYCACHEPREFIX": str(Path(sys.prefix) / "compiled"),
}
"""The environment of the contenders: their modules are compiled once, which at each start would cost megabytes for good."""
CONTENDERS = ("medpulse", "changedetection.io", "Scrapy")
_PLACE = re.compile(r"/p(\d{3})/")


@dataclass(frozen=True, slots=True)
class Use:
    """Seconds of processor for a thousand checks; the most megabytes resident; the most that are its own (`tree.own`)."""

    cpu: float
    peak_mb: float
    own_mb: float


@dataclass(frozen=True, slots=True)
class Watched:
    """A contender's day: what it used, and what it told.

    ``alone`` is what the process that checks used of ``use``, without servers that it needs beside it.
    """

    name: str
    checks: int
    use: Use
    alone: Use
    verdict: Verdict
    changes: int


@dataclass(frozen=True, slots=True)
class Running:
    """A contender at work: its processes, the one that checks first, and its rounds by hour."""

    pids: Sequence[int]
    rounds: Rounds


class Died(RuntimeError):
    """A contender ended by itself; the text ends with what it said."""


async def watch(pages: int, hours: int, say: Say, only: Sequence[str] = CONTENDERS) -> list[Watched]:
    """Each contender's day. Those that are not installed are said and left out.

    Each is started once beforehand, so that all of its modules are compiled, as on any machine where it has run before.
    """
    shown, found = day(pages, hours), []
    say(f"{pages} pages, {hours} hours, {len(shown.changes)} true changes")
    for name in only:
        if name != "medpulse" and not PEERS.is_dir():
            say(f"{name} is left out, for want of `make .venv/watchers.ready`")
            continue
        async with _opened(name, day(1, 1)) as (_, running):
            await running.rounds(0)
        async with _opened(name, shown) as (site, running):
            found.append(await _day(name, site, shown, running))
        say(line(found[-1]))
    return found


@asynccontextmanager
async def _opened(name: str, shown: Day) -> AsyncIterator[tuple[Site, Running]]:
    site = Site(shown)
    await site.start(others=AT_ONCE - 1)
    try:
        with tempfile.TemporaryDirectory(prefix="medpulse-watch-") as folder:
            async with _OPENED[name](site, shown, Path(folder)) as running:
                yield site, running
    finally:
        await site.stop()


async def _day(name: str, site: Site, shown: Day, running: Running) -> Watched:
    """The first round only learns what there is; the others count."""
    await running.rounds(0)
    before = [tree.cpu(pid) for pid in running.pids]
    visits = site.visits
    reports: list[Report] = []
    own = [0.0 for _ in running.pids]
    for hour in range(1, shown.hours + 1):
        site.hour = hour
        reports += await running.rounds(hour)
        own = [max(most, tree.own(pid)) for most, pid in zip(own, running.pids, strict=True)]
    checks = site.visits - visits
    spent = [(tree.cpu(pid) - was) / checks * 1000 for pid, was in zip(running.pids, before, strict=True)]
    peaks = [tree.peak(pid) for pid in running.pids]
    whole, alone = Use(sum(spent), sum(peaks), sum(own)), Use(spent[0], peaks[0], own[0])
    return Watched(name, checks, whole, alone, judged(shown.changes, reports), len(shown.changes))


def line(one: Watched) -> str:
    """A contender's figures on one line; pure."""
    verdict, use, alone = one.verdict, one.use, one.alone
    return (
        f"{one.name:20} {one.checks:6,d} checks  {use.cpu:6.2f} CPU s/1,000  {use.peak_mb:5.0f} MB, {use.own_mb:3.0f} its own  "
        f"(the checking process {alone.cpu:.2f} and {alone.peak_mb:.0f}, {alone.own_mb:.0f})  "
        f"{verdict.told} of {one.changes} changes told, {verdict.missed} missed, {verdict.false} false"
    )


@asynccontextmanager
async def _medpulse(site: Site, shown: Day, folder: Path) -> AsyncIterator[Running]:
    async with embedded_servers(folder / "servers") as servers:
        where = [servers.bootstrap, servers.redis_url, str(folder / "archive")]
        command = [sys.executable, "-m", "bench.watchers.ours", ",".join(site.urls), str(shown.pages), *where]
        async with _talking(command, folder / "ours.log") as (process, ask):

            async def rounds(hour: int) -> list[Report]:
                said = await ask((DAWN + timedelta(hours=hour)).isoformat())
                if said["bad"]:
                    raise Died(f"medpulse could not read pages: {said['bad'][:3]}")
                return [Report(place, hour, path) for place, path in said["told"]]

            yield Running([process.pid, servers.store.pid, servers.broker.pid], rounds)


@asynccontextmanager
async def _scrapy(site: Site, shown: Day, folder: Path) -> AsyncIterator[Running]:
    spider = Path(__file__).with_name("spider.py")
    command = [str(PEERS / "python"), str(spider), site.url, str(shown.pages), str(folder / "pages.sqlite")]
    async with _talking(command, folder / "scrapy.log") as (process, ask):

        async def rounds(hour: int) -> list[Report]:
            return [_report(url, hour) for url in (await ask("go"))["told"]]

        yield Running([process.pid], rounds)


@asynccontextmanager
async def _changedetection(site: Site, shown: Day, folder: Path) -> AsyncIterator[Running]:
    prepared(folder / "data")
    port = free_port()
    command = [str(PEERS / "changedetection.io"), "-d", str(folder / "data"), "-h", "127.0.0.1", "-p", str(port)]
    log = folder / "changedetection.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, "-l", "ERROR", stdout=output, stderr=output, env={**COMPILED, **ENVIRONMENT}
        )
    peer = Changedetection(f"http://127.0.0.1:{port}")
    try:
        await peer.settle([site.list_url(place) for place in range(shown.pages)])

        async def rounds(hour: int) -> list[Report]:
            return [_report(url, hour) for url in await peer.round()]

        yield Running([process.pid], rounds)
    finally:
        await peer.stop()
        await _ended(process)


_OPENED = {"medpulse": _medpulse, "Scrapy": _scrapy, "changedetection.io": _changedetection}
Ask = Callable[[str], Awaitable[Mapping[str, list[Any]]]]


@asynccontextmanager
async def _talking(command: Sequence[str], log: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, Ask]]:
    """A process that answers each line with one of JSON."""
    pipe = asyncio.subprocess.PIPE
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=errors, limit=64 * 1024 * 1024, env=COMPILED
        )
    asked, told = process.stdin, process.stdout
    assert asked is not None
    assert told is not None

    async def ask(what: str) -> Mapping[str, list[Any]]:
        asked.write(f"{what}\n".encode())
        await asked.drain()
        answer = await told.readline()
        if not answer:
            raise Died(f"{command[0]} ended:\n{log.read_text(errors='replace')[-2000:]}")
        found: Mapping[str, list[Any]] = orjson.loads(answer)
        return found

    try:
        yield process, ask
    finally:
        asked.close()
        await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


def _report(url: str, hour: int) -> Report:
    found = _PLACE.search(url)
    assert found is not None
    return Report(int(found[1]), hour)
