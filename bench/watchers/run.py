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
from pathlib import Path
from typing import Any

import orjson

from bench.watchers import tree
from bench.watchers.changedetection import ENVIRONMENT, Changedetection, prepared
from bench.watchers.judge import Report, Verdict, judged
from bench.watchers.sector import Day, day
from bench.watchers.site import Site
from medpulse.embedded.process import free_port
from medpulse.embedded.servers import embedded_servers

Say = Callable[[str], None]
Rounds = Callable[[int], Awaitable[list[Report]]]
PEERS = Path(sys.prefix) / "watchers" / "bin"
"""The peers have an environment of their own (`make .venv/watchers.ready`)."""
CONTENDERS = ("medpulse", "changedetection.io", "Scrapy")
_PLACE = re.compile(r"/p(\d{3})/")


@dataclass(frozen=True, slots=True)
class Watched:
    """A contender's day: seconds of processor for a thousand checks, most megabytes, and what it told.

    ``alone`` is what the process that checks used of both, without servers that it needs beside it.
    """

    name: str
    checks: int
    cpu: float
    peak_mb: float
    alone: tuple[float, float]
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
    """Each contender's day. Those that are not installed are said and left out."""
    shown, found = day(pages, hours), []
    say(f"{pages} pages, {hours} hours, {len(shown.changes)} true changes")
    for name in only:
        if name != "medpulse" and not PEERS.is_dir():
            say(f"{name} is left out, for want of `make .venv/watchers.ready`")
            continue
        site = Site(shown)
        await site.start()
        try:
            with tempfile.TemporaryDirectory(prefix="medpulse-watch-") as folder:
                async with _OPENED[name](site, shown, Path(folder)) as running:
                    found.append(await _day(name, site, shown, running))
        finally:
            await site.stop()
        say(line(found[-1]))
    return found


async def _day(name: str, site: Site, shown: Day, running: Running) -> Watched:
    """The first round only learns what there is; the others count."""
    await running.rounds(0)
    before = [tree.cpu(pid) for pid in running.pids]
    visits = site.visits
    reports: list[Report] = []
    for hour in range(1, shown.hours + 1):
        site.hour = hour
        reports += await running.rounds(hour)
    checks = site.visits - visits
    spent = [(tree.cpu(pid) - was) / checks * 1000 for pid, was in zip(running.pids, before, strict=True)]
    peaks = [tree.peak(pid) for pid in running.pids]
    verdict = judged(shown.changes, reports)
    return Watched(name, checks, sum(spent), sum(peaks), (spent[0], peaks[0]), verdict, len(shown.changes))


def line(one: Watched) -> str:
    """A contender's figures on one line; pure."""
    verdict = one.verdict
    return (
        f"{one.name:20} {one.checks:6,d} checks  {one.cpu:6.2f} CPU s/1,000  {one.peak_mb:5.0f} MB  "
        f"(the checking process {one.alone[0]:.2f} and {one.alone[1]:.0f})  "
        f"{verdict.told} of {one.changes} changes told, {verdict.missed} missed, {verdict.false} false"
    )


@asynccontextmanager
async def _medpulse(site: Site, shown: Day, folder: Path) -> AsyncIterator[Running]:
    async with embedded_servers(folder / "servers") as servers:
        where = [servers.bootstrap, servers.redis_url, str(folder / "archive")]
        command = [sys.executable, "-m", "bench.watchers.ours", site.url, str(shown.pages), *where]
        async with _talking(command, folder / "ours.log") as (process, ask):

            async def rounds(hour: int) -> list[Report]:
                said = await ask(f"{hour}")
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
            *command, "-l", "ERROR", stdout=output, stderr=output, env={**os.environ, **ENVIRONMENT}
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
            *command, stdin=pipe, stdout=pipe, stderr=errors, limit=64 * 1024 * 1024
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
