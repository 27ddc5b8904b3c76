"""Releases: files of many records that a list offers (UDI). Spooled to disk, streamed, published in batches.

A release is an item of its list like any other: its row is published, and thereby seen, once all of its records were; where it
could not be read it stays unseen, and the next poll tries again. Memory holds one batch, whatever the size of the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from events.messages import Outcome
from events.notice import Notice
from scrapers.answer import Fetched
from scrapers.letters import Letters
from scrapers.merge import placed
from scrapers.outcome import HOST_IN_TROUBLE, Verdict, page_fault
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import PLATFORMS
from scrapers.platforms.udi import Udi
from scrapers.platforms.udi_xml import Tally
from scrapers.reading import Reader, Reading
from scrapers.round import Round
from scrapers.seen import Seen

MOST = 3
"""Releases that one poll reads; what is left over is read by the next."""

_BATCH = 500
_SPENT = Parsed(())
Send = Callable[[Round, Sequence[Notice], dict[str, str]], Awaitable[None]]
"""Publishes notices and marks them as seen by these hashes."""


class Streaming(Protocol):
    """A platform whose releases can be read record by record."""

    def stream(self, page: Page, tally: Tally) -> Iterator[Notice]:
        """The notices of a release; ``tally`` counts while they come. Raises `ParseError`."""
        ...


class Releases:
    """Reads the releases that a list offers."""

    def __init__(self, reader: Reader, seen: Seen, letters: Letters, send: Send) -> None:
        self._reader = reader
        self._seen = seen
        self._letters = letters
        self._send = send

    async def completed(self, at: Round, rows: Sequence[Notice], requests: Mapping[str, Request]) -> list[Notice]:
        """The rows that are ready to be published: those that offer no release, and those whose records are published."""
        ready: list[Notice] = []
        asked = 0
        for row in rows:
            if row.item_key not in requests:
                ready.append(row)
            elif asked < MOST and not at.stopped:
                asked += 1
                if (done := await self._one(at, row, requests[row.item_key])) is not None:
                    ready.append(done)
        return ready

    async def _one(self, at: Round, row: Notice, request: Request) -> Notice | None:
        """The row with what its release held; None to try again, and the row alone once it has failed for good."""
        tally = Tally()
        with TemporaryDirectory(prefix="medpulse-release-") as folder:
            path = Path(folder) / "release"
            reading = await self._reader.spooled(at.source, request, path)
            found = page_fault(reading.answer, _SPENT, reading.retry_after)
            if found is None:
                found = await self._read(at, reading, path, tally)
        if found is None:
            if tally.faults:
                lost = Verdict(Outcome.MALFORMED, f"{row.item_key}: {'; '.join(tally.faults)}", 200)
                at.letters.extend(self._letters.unreadable(at.source, reading, lost))
            return _told(row, tally)
        at.letters.extend(self._letters.unreadable(at.source, reading, found))
        at.problems.append(found)
        if found.outcome in HOST_IN_TROUBLE:
            at.stopped = True
            return None
        tries = await self._seen.tries(at.source.id, [row.item_key])
        if tries.get(row.item_key, 0) + 1 >= at.limits.give_up:
            return row
        await self._seen.tried(at.source.id, [row.item_key])
        return None

    async def _read(self, at: Round, reading: Reading, path: Path, tally: Tally) -> Verdict | None:
        """Publish the records of a spooled release; the fault where it holds none that can be read."""
        assert isinstance(reading.answer, Fetched)
        answer = reading.answer
        page = Page(at.source, answer.url, b"", answer.fetched_at, answer.content_type, answer.status, path)
        notices = _streaming(at.source.platform).stream(page, tally)
        try:
            while batch := await asyncio.to_thread(lambda: list(islice(notices, _BATCH))):
                await self._publish(at, reading, batch)
        except ParseError as error:
            return page_fault(answer, error)
        return None

    async def _publish(self, at: Round, reading: Reading, batch: list[Notice]) -> None:
        assert isinstance(reading.answer, Fetched)
        known = await self._seen.known(at.source.id, [one.item_key for one in batch])
        fresh = [one for one in batch if known.get(one.item_key) != one.content_hash]
        marks = reading.answer.illustrative
        hashes = {one.item_key: one.content_hash for one in fresh}
        await self._send(at, [placed(one, reading.pointer, marks) for one in fresh], hashes)


def _streaming(platform: str) -> Streaming:
    found = PLATFORMS[platform]
    assert isinstance(found, Udi), f"the platform {platform} offers releases and cannot stream them"
    return found


def _told(row: Notice, tally: Tally) -> Notice:
    """The row of a release with the numbers of its records."""
    counts = {f"release_{name}": str(number) for name, number in tally.counts().items() if number}
    return Notice.model_validate(dict(row) | {"fields": {**row.fields, **counts}, "content_hash": ""})
