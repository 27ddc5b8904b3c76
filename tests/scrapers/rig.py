"""Scrapers over a small platform of the tests' own, on a virtual clock and a real network: what the shell is tested with."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from events.clock import VirtualClock
from events.messages import DeadLetter, SourceHealth
from events.notice import Attachment, Notice, NoticeBatch
from events.topics import DEAD_LETTERS, NOTICES, SOURCE_HEALTH
from events.wire import Record, decode
from scrapers.archive_read import ArchivedPage, BrokenRecord, read_archive
from scrapers.exchange import Transport
from scrapers.fetch import FetchSettings
from scrapers.outlet import Publish
from scrapers.pace import Pace
from scrapers.page import Challenged, Malformed, Page, Parsed, ParseError, Request
from scrapers.polite import Manners
from scrapers.room import Outfit, open_runner
from scrapers.round import Limits
from scrapers.runner import PollReport, Runner
from scrapers.seen import MemorySeen, Seen
from scrapers.source import Source
from scrapers.times import UNKNOWN, parse_time
from tests.scrapers.hostile import Manner, page

T = TypeVar("T")
FAST = FetchSettings(contact="tests@example.org", connect=2, read=0.5, total=1.0, size=200_000, allow_private=True)

A: dict[str, object] = {"key": "a", "title": "甲", "date": "2022-03-04", "number": "1"}
B: dict[str, object] = {"key": "b", "title": "乙", "date": "2022-03-05"}
"""Two items of a list."""


def own(key: str, date: str = "2022-03-05 09:30", **said: str) -> Manner:
    """An item's own page."""
    return page(json.dumps({"key": key, "title": f"{key} whole", "date": date, "body": "text"} | said).encode())


class Small:
    """A family of sites that speak JSON: ``{"items": [{"key", "title", "date", "own"}], "next"}``, and ``/item/…`` pages."""

    def first(self, source: Source, now: datetime) -> Request:
        return Request(source.home)

    def parse(self, page: Page) -> Parsed:
        if b"$_ts" in page.content:
            raise Challenged("the page holds a Ruishu script ($_ts)")
        try:
            value = json.loads(page.content)
        except ValueError as error:
            raise Malformed(f"no JSON: {error}") from error
        if urlsplit(page.url).path.startswith("/item/"):
            return Parsed((_notice(page, value),))
        if "items" not in value:
            raise ParseError("the list has no items")
        own = {i["key"]: Request(urljoin(page.url, f"/item/{i['key']}")) for i in value["items"] if i.get("own")}
        following = Request(urljoin(page.url, value["next"])) if value.get("next") else None
        return Parsed(tuple(_notice(page, item) for item in value["items"]), own, following)


def _notice(page: Page, item: dict[str, str]) -> Notice:
    if "key" not in item:
        raise ParseError("an item has no key")
    at, precision = parse_time(item["date"], page.source.zone) if item.get("date") else UNKNOWN
    return Notice(
        notice_id=f"{page.source.id}:{item['key']}",
        source_id=page.source.id,
        item_key=item["key"],
        url=urljoin(page.url, f"/item/{item['key']}"),
        title=item.get("title", ""),
        body=item.get("body", ""),
        published_at=at,
        published_precision=precision,
        fields={"number": item["number"]} if "number" in item else {},
        attachments=tuple(Attachment(name=name, url=urljoin(page.url, name)) for name in item.get("files", "").split()),
        detected_at=page.fetched_at,
    )


def small(home: str, **changes: object) -> Source:
    """A source of `Small` at ``home``."""
    fields: dict[str, object] = {
        "id": "small",
        "name": "Small",
        "name_zh": "小",
        "publisher": "小局",
        "platform": "small",
        "home": home,
        "urls": (".*",),
        "required": ("title", "published_at"),
        "details": True,
    }
    return Source.model_validate(fields | changes)


@dataclass
class Sent:
    """A broker's place: keeps what was acknowledged. With ``away`` it takes nothing."""

    records: list[Record] = field(default_factory=list)
    away: bool = False

    async def __call__(self, records: Sequence[Record]) -> None:
        if self.away:
            raise ConnectionError("the broker is away")
        self.records.extend(records)

    @property
    def notices(self) -> list[Notice]:
        batches = [decode(NoticeBatch, r.value) for r in self.records if r.topic is NOTICES]
        return [notice for batch in batches for notice in batch.notices]

    @property
    def keys(self) -> Counter[str]:
        return Counter(notice.item_key for notice in self.notices)

    @property
    def health(self) -> list[SourceHealth]:
        return [decode(SourceHealth, r.value) for r in self.records if r.topic is SOURCE_HEALTH]

    @property
    def letters(self) -> list[DeadLetter]:
        return [decode(DeadLetter, r.value) for r in self.records if r.topic is DEAD_LETTERS]


@dataclass
class Rig:
    """A runner with everything that it stands on."""

    runner: Runner
    clock: VirtualClock
    sent: Sent
    seen: Seen
    archive: Path

    @property
    def kept(self) -> list[ArchivedPage]:
        """What is in the archive; a record that cannot be read fails the test."""
        broken: list[BrokenRecord] = []
        pages = [kept for path in self.archive.glob("*.warc.gz") for kept in read_archive(path, broken.append)]
        assert broken == []
        return pages

    async def poll(self, source: Source) -> PollReport:
        return await driven(self.runner.pace, self.clock, self.runner.poll(source))


@asynccontextmanager
async def rigged(
    folder: Path,
    clock: VirtualClock,
    *,
    seen: Seen | None = None,
    limits: Limits | None = None,
    settings: FetchSettings = FAST,
    transport: Transport | None = None,
    simulated: bool = False,
    publish: Publish | None = None,
) -> AsyncIterator[Rig]:
    """A rig on the small platform, which publishes to its own `Sent` unless told otherwise.

    The circuit of a host stays closed for a long time, so that each poll asks.
    """
    sent, memory, platform = Sent(), seen or MemorySeen(), Small()
    outfit = Outfit(
        folder,
        settings,
        Manners(failures=50),
        limits or Limits(),
        transport=transport,
        simulated=simulated,
        seed=1,
    )
    async with open_runner(outfit, clock, memory, publish or sent, lambda _: platform, platform.parse) as runner:
        yield Rig(runner, clock, sent, memory, folder)


async def driven(pace: Pace, clock: VirtualClock, work: Awaitable[T]) -> T:
    """What ``work`` returns; the clock is moved on whenever nothing is left to do but to wait for it."""
    return (await together(pace, clock, work))[0]


async def together(pace: Pace, clock: VirtualClock, *works: Awaitable[T]) -> list[T]:
    """What each of ``works`` returns, done side by side as `driven` does one."""

    async def job(work: Awaitable[T]) -> T:
        with pace.working():
            return await work

    everything = asyncio.gather(*map(job, works))
    while not everything.done():
        await pace.settled()
        if not everything.done() and (wake := clock.next_wake()) is not None:
            await clock.advance_to(wake)
        await asyncio.sleep(0)
    return everything.result()
