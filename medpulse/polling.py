"""A poll by hand: one real poll that publishes, or a dry one that shows everything it saw."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from urllib.parse import urlsplit

from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from events.clock import Clock
from events.messages import Outcome
from medpulse.house import House
from medpulse.jobs import job
from medpulse.output import errors
from medpulse.scraping import chosen, nowhere, outfit, runner
from medpulse.settings import Settings
from scrapers.exchange import Transport
from scrapers.lease import Leases
from scrapers.look import Look
from scrapers.polite import Heard, Listener
from scrapers.room import open_runner
from scrapers.runner import PollReport
from scrapers.seen import MemorySeen

EXIT = {
    Outcome.NEW: 0,
    Outcome.UNCHANGED: 0,
    Outcome.EMPTY: 0,
    Outcome.DRIFTED: 10,
    Outcome.CHALLENGED: 11,
    Outcome.THROTTLED: 12,
    Outcome.REFUSED: 13,
    Outcome.OUTAGE: 14,
    Outcome.MALFORMED: 15,
}
"""The exit code of ``medpulse sources poll`` for each outcome."""


async def poll(settings: Settings, source_id: str) -> PollReport:
    """Poll a source now: what is new is published and remembered. Raises `Failure` for an id that is in no catalogue.

    On servers that several processes share, the host is taken from whoever holds it for as long as this takes.
    """
    (source,) = chosen((source_id,))

    async def work(home: House, _stop: asyncio.Event) -> PollReport:
        with _shown(source.id) as asked:
            async with runner(home, heard=asked) as made:
                host = urlsplit(made.first(source).url).netloc
                shared = home.settings.redis is not None
                async with Leases(home.redis).taken(host) if shared else nullcontext() as lease:
                    if lease is not None:
                        await made.hold([source], lease.token)
                    return await made.poll(source)

    return await job(settings, work)


async def look(
    settings: Settings, source_id: str, clock: Clock, town: Transport | None = None
) -> tuple[PollReport, Look]:
    """One dry poll and everything that it saw. Nothing is published or remembered; answers go to the archive.

    ``town`` takes the place of the network. Raises `Failure` for an id that is in no catalogue.
    """
    (source,) = chosen((source_id,))
    seen = Look()
    with _shown(source.id) as asked:

        def heard(one: Heard) -> None:
            seen.heard(one)
            asked(one)

        worn = replace(outfit(settings, town), heard=heard)
        async with open_runner(worn, clock, MemorySeen(), nowhere, parse=seen.parsed) as made:
            return await made.poll(source), seen


@contextmanager
def _shown(source_id: str) -> Iterator[Listener]:
    """What a poll is doing, on standard error where that is a terminal: a site is asked slowly, and may have many pages."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as shown:
        task = shown.add_task(f"asking {source_id}", total=None)
        count = 0

        def heard(one: Heard) -> None:
            nonlocal count
            count += 1
            path = urlsplit(one.request.url).path[-60:]
            shown.update(task, description=escape(f"asking {source_id}: {count} answers, the last from {path}"))

        yield heard
