"""A poll by hand: one real poll that publishes, or a dry one that shows everything it saw."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from urllib.parse import urlsplit

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from events.clock import Clock
from events.messages import Outcome
from medpulse.jobs import job
from medpulse.output import errors
from medpulse.rooms import House
from medpulse.scraping import chosen, nowhere, outfit, runner
from medpulse.settings import Settings
from scrapers.fetch import Transport
from scrapers.lease import Leases
from scrapers.look import Look
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
        async with runner(home) as made:
            host = urlsplit(made.first(source).url).netloc
            shared = home.settings.redis is not None
            async with Leases(home.redis).taken(host) if shared else nullcontext() as lease:
                if lease is not None:
                    await made.hold([source], lease.token)
                with _progress() as shown:
                    shown.add_task(f"polling {source.id}", total=None)
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
    worn = replace(outfit(settings, town), heard=seen.heard)
    async with open_runner(worn, clock, MemorySeen(), nowhere, parse=seen.parsed) as made:
        with _progress() as shown:
            shown.add_task(f"asking {source.id}", total=None)
            return await made.poll(source), seen


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
