"""Running the house: all rooms, or one of them. A room is imported where it is run (see `medpulse.rooms`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from events.clock import SystemClock
from events.probe import look
from events.tracing import export
from medpulse.backends import Backends, backends
from medpulse.embedded.servers import Servers, embedded_servers
from medpulse.errors import Failure
from medpulse.house import House, answering, drained, house
from medpulse.output import console, errors
from medpulse.rooms import probed, routing, run_alerts, run_board, stop_on_signal, together, told, worker_child
from medpulse.settings import Settings

DRAIN_SECONDS = 15.0
"""How long the end of `up` waits while nothing moves: a worker that has just started joins its group in that time."""


async def up(settings: Settings) -> None:
    """Every room until SIGINT or SIGTERM. Raises what the servers raise, and `Failure`."""
    from medpulse.scraping import chosen

    chosen(settings.chosen_sources)
    routing(settings, told(settings, SystemClock())[1])  # what is wrong in a file is said before anything starts
    export("up")
    with stop_on_signal() as stop:
        async with _servers(settings) as (found, servers), house(settings, found, SystemClock()) as home:
            end = asyncio.Event()
            rooms: list[Coroutine[Any, Any, object]] = [
                worker_child(home).run(end),
                run_alerts(home, end),
                run_board(home, end, partial(_board_is_up, servers)),
                _scraped(home, stop, end, drain=servers is not None),
            ]
            if servers is not None:
                rooms.append(_guarded(servers, end))
            await together(end, *rooms)


async def one_room(settings: Settings, name: str) -> None:
    """The room ``scraper``, ``alerts`` or ``board`` on the servers that are set, until SIGINT or SIGTERM."""
    rooms: dict[str, Callable[[House, asyncio.Event], Coroutine[Any, Any, None]]] = {
        "scraper": _scraper,
        "alerts": run_alerts,
        "board": lambda home, stop: run_board(home, stop, partial(_board_is_up, None)),
    }
    with stop_on_signal() as stop, probed(settings, name) as probe:
        async with backends(settings) as found:
            await answering(settings, found)
            async with house(settings, found, SystemClock()) as home:
                asking = [probe.beating(partial(look, home.redis, home.publisher))] if probe else []
                await together(stop, rooms[name](home, stop), *asking)


async def _scraped(home: House, stop: asyncio.Event, end: asyncio.Event, *, drain: bool) -> None:
    """Scrape until ``stop``, or until ``end``, which another room that ended has set.

    With ``drain``, what was published is then still processed: the embedded broker keeps it in memory only.
    """
    ended = asyncio.create_task(_passed_on(end, stop))
    try:
        await _scraper(home, stop)
        if drain and not end.is_set():
            await drained(home, end, DRAIN_SECONDS)
    except Failure as error:
        errors.print(f"not everything was processed before the end: {error}", markup=False, soft_wrap=True)
    finally:
        ended.cancel()


async def _passed_on(one: asyncio.Event, other: asyncio.Event) -> None:
    await one.wait()
    other.set()


async def _scraper(home: House, stop: asyncio.Event) -> None:
    from medpulse.inbox import watched
    from medpulse.scraping import chosen, runner, spooled
    from scrapers.lease import Leases
    from scrapers.room import ScraperRoom

    # Embedded servers serve this process alone, which the lock on the data folder sees to; any others may serve several.
    leases = Leases(home.redis) if home.backends.attended else None
    async with spooled(home) as publish, runner(home, publish=publish) as made, watched(home, stop):
        await ScraperRoom(made, chosen(home.settings.chosen_sources), leases=leases).run(stop)


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
