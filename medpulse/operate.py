"""Running the house: all rooms, one room, or a replay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from events.clock import SystemClock
from medpulse.backends import Backends, backends
from medpulse.embedded.servers import Servers, embedded_servers
from medpulse.output import console, errors
from medpulse.replay import Replay, Tally
from medpulse.rooms import House, drained, house, run_alerts, run_board, stop_on_signal, together, worker_child
from medpulse.scraping import chosen, runner
from medpulse.settings import Settings
from scrapers.room import ScraperRoom
from streams.app import StreamConfig
from streams.worker import run_worker

__all__ = ["Tally", "one_room", "replay", "up", "worker"]


async def up(settings: Settings) -> None:
    """Every room until SIGINT or SIGTERM. Raises what the servers raise, and `Failure`."""
    chosen(settings.chosen_sources)
    with stop_on_signal() as stop:
        async with _servers(settings) as (found, servers), house(settings, found, SystemClock()) as home:
            rooms: list[Coroutine[Any, Any, object]] = [
                worker_child(home).run(stop),
                run_alerts(home, stop),
                run_board(home, stop, partial(_board_is_up, servers)),
                _scraper(home, stop),
            ]
            if servers is not None:
                rooms.append(_guarded(servers, stop))
            await together(stop, *rooms)


async def one_room(settings: Settings, name: str) -> None:
    """The room ``scraper``, ``alerts`` or ``board`` on the servers that are set, until SIGINT or SIGTERM."""
    rooms: dict[str, Callable[[House, asyncio.Event], Coroutine[Any, Any, None]]] = {
        "scraper": _scraper,
        "alerts": run_alerts,
        "board": lambda home, stop: run_board(home, stop, partial(_board_is_up, None)),
    }
    with stop_on_signal() as stop:
        async with backends(settings) as found, house(settings, found, SystemClock()) as home:
            await together(stop, rooms[name](home, stop))


def worker(settings: Settings) -> None:
    """The Faust worker in this process, until SIGINT or SIGTERM; ends the process."""
    found = Backends(settings.kafka or "", settings.redis or "", settings.idempotent is not False, attended=True)
    asyncio.run(_topics(settings, found))
    folder = settings.home.absolute() / "faust"
    folder.mkdir(parents=True, exist_ok=True)
    run_worker(StreamConfig(found.kafka, found.redis, str(folder), idempotent=found.idempotent))


async def replay(settings: Settings, file: Path) -> Tally:
    """Publish what the pages of a WARC file said, and return once it has been processed."""
    with stop_on_signal() as stop:
        async with backends(settings) as found, house(settings, found, SystemClock()) as home:
            work = _replayed(home, file, stop)
            if found.attended:
                return await work
            done: list[Tally] = []

            async def publish() -> None:
                done.append(await work)

            await together(stop, worker_child(home).run(stop), publish())
            return done[0] if done else Tally()


async def _replayed(home: House, file: Path, stop: asyncio.Event) -> Tally:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed} pages"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(f"replaying {file.name}", total=None)
        one = Replay(partial(home.publisher.send_until_done, stage="replay"))
        await one.file(file, lambda: progress.advance(task))
        progress.update(task, description="waiting until it has been processed")
        await drained(home, stop, streams_only=not home.backends.attended)
    return one.tally


async def _scraper(home: House, stop: asyncio.Event) -> None:
    async with runner(home) as made:
        await ScraperRoom(made, chosen(home.settings.chosen_sources)).run(stop)


async def _topics(settings: Settings, found: Backends) -> None:
    async with house(settings, found, SystemClock()):
        """Making the topics is all that is wanted: source topics must exist before a worker starts."""


async def _guarded(servers: Servers, stop: asyncio.Event) -> None:
    """Raise `ServerFailed` if an embedded server ends before ``stop``."""
    guard = asyncio.create_task(servers.guard())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([guard, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if guard.done():
        guard.result()
    guard.cancel()


@asynccontextmanager
async def _servers(settings: Settings) -> AsyncIterator[tuple[Backends, Servers | None]]:
    if not settings.embedded:
        async with backends(settings) as found:
            yield found, None
        return
    async with embedded_servers(settings.home.absolute()) as servers:
        yield Backends(servers.bootstrap, servers.redis_url, idempotent=False, attended=False), servers


def _board_is_up(servers: Servers | None, url: str) -> None:
    if servers is not None:
        servers.announce(url)
    console.print(f"medpulse is up: the board is at {url} (Ctrl-C ends it)", highlight=False)
