"""Publishing that does not wait for a broker that is away: what it does not take goes to the spool, and follows in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from events.wire import Record
from scrapers.outlet import Publish
from scrapers.spool import Spool

log = structlog.get_logger(__name__)
_LOOK_AGAIN = 5.0
Away = Callable[["Waiting"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the broker: batches, their bytes, and since when (aware, UTC; None where nothing does)."""

    batches: int
    size: int
    since: datetime | None


class Spooled:
    """Publishes through ``send``, or into a spool when that takes longer than ``seconds`` of real time.

    While anything waits, everything goes to the spool, so that the order of each source's messages is kept. `drain` sends what
    waits; ``told`` hears of what is left after each change, and may fail without harm.
    """

    def __init__(self, send: Publish, spool: Spool, seconds: float, told: Away) -> None:
        self._send = send
        self._spool = spool
        self._seconds = seconds
        self._told = told
        self._turn = asyncio.Lock()
        self._filled = asyncio.Event()
        if len(spool):
            self._filled.set()

    @property
    def waiting(self) -> Waiting:
        """What waits at present."""
        return Waiting(len(self._spool), self._spool.size, self._spool.since)

    async def __call__(self, records: Sequence[Record]) -> None:
        """Return once the broker or the disk has the messages. Raises `SpoolFull`, and OSError where the disk is full."""
        if not len(self._spool):
            try:
                async with asyncio.timeout(self._seconds):
                    await self._send(records)
            except TimeoutError:
                log.warning("kafka.away", after=self._seconds, remedy="none needed: messages wait on disk and follow")
            else:
                return
        async with self._turn:
            await asyncio.to_thread(self._spool.add, records)
        self._filled.set()
        await self._tell()

    async def drain(self) -> None:
        """Send what waits, the oldest first, for ever. A file that cannot be read is set aside, and the log names it."""
        await self._tell()
        while True:
            await self._filled.wait()
            try:
                await self._drained()
            # The disk, or the store that the publisher notes offsets in, failed us: what waits stays there and is sent again.
            except Exception as error:  # noqa: BLE001
                log.warning("spool.not_sent", error=repr(error), retry_in=_LOOK_AGAIN)
                await asyncio.sleep(_LOOK_AGAIN)

    async def _drained(self) -> None:
        while (oldest := await self._oldest()) is not None:
            path, records = oldest
            await self._send(records)
            async with self._turn:
                await asyncio.to_thread(self._spool.drop, path)
                if not len(self._spool):
                    self._filled.clear()
            await self._tell()

    async def _oldest(self) -> tuple[Path, list[Record]] | None:
        while True:
            async with self._turn:
                try:
                    found = await asyncio.to_thread(self._spool.first)
                except (ValueError, KeyError) as error:
                    aside = await asyncio.to_thread(self._spool.set_aside_first)
                    log.error("spool.damaged", file=str(aside), error=repr(error))
                    continue
                if found is None:
                    self._filled.clear()
                return found

    async def _tell(self) -> None:
        try:
            await self._told(self.waiting)
        # The store is away, in whatever way its client says so. It is told with the next change.
        except Exception as error:  # noqa: BLE001
            log.warning("spool.not_told", error=repr(error))
