"""The inbox, wired to the house: watched beside the scrapers, or looked into once by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from medpulse.errors import Failure
from medpulse.house import House
from medpulse.jobs import job
from medpulse.scraping import archive_folder
from medpulse.settings import Settings
from scrapers.archive import Archive
from scrapers.inbox import Arrival, Inbox
from scrapers.seen import RedisSeen


def inbox_folder(settings: Settings) -> Path:
    """Where a person puts pages that they saved."""
    return (settings.inbox or settings.home / "inbox").absolute()


@asynccontextmanager
async def watched(home: House, stop: asyncio.Event) -> AsyncIterator[None]:
    """Watch the inbox for as long as this is open."""
    with _inbox(home) as inbox:
        watching = asyncio.create_task(inbox.run(stop))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])


async def look_once(settings: Settings) -> list[Arrival]:
    """Read what lies in the inbox now, and return once it has been processed. Raises `Failure`."""
    folder = inbox_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    if not any(path.is_file() for path in folder.iterdir()):
        return []

    async def work(home: House, stop: asyncio.Event) -> list[Arrival]:
        with _inbox(home) as inbox:
            looking, stopped = asyncio.create_task(inbox.once()), asyncio.create_task(stop.wait())
            await asyncio.wait([looking, stopped], return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if not looking.done():
                looking.cancel()
                raise Failure("interrupted: what was not moved is read the next time")
            return looking.result()

    return await job(settings, work)


@contextmanager
def _inbox(home: House) -> Iterator[Inbox]:
    send = partial(home.publisher.send_until_done, stage="inbox")
    with Archive(archive_folder(home.settings)) as archive:
        yield Inbox(inbox_folder(home.settings), archive, RedisSeen(home.redis), send, home.clock)
