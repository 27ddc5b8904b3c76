"""``python -m bench.watchers.ours URLS PAGES KAFKA REDIS FOLDER``: the scrapers' runner, a round for each instant that is read.

The pages lie on the hosts of URLS (separated by commas) by turns. As in `scrapers.room.ScraperRoom` hosts are asked side by
side, and each for one page at a time. It does all that a poll does: robots.txt, the archive, parsing each row, the memory in
Redis, notices and health to the broker. Only what follows from a new row is left out, its own page: the peers do not read it
either. The loop is uvloop, as that of `medpulse run scraper`. Prints what was told, as JSON.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson
import uvloop

from events.clock import SystemClock
from events.sparing import without

with without("opentelemetry"):  # an extra that the tests need: where it is installed, redis-py takes it along
    from events.addresses import redis_client

from events.kafka import publisher
from scrapers.fetch import FetchSettings
from scrapers.room import Outfit, open_runner
from scrapers.runner import Runner
from scrapers.seen import RedisSeen
from scrapers.source import Source


class Hours:
    """The time of the day that is shown; waits are real."""

    def __init__(self) -> None:
        self.hour = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        return self.hour

    async def sleep(self, seconds: float) -> None:
        await SystemClock().sleep(seconds)


def sources(urls: Sequence[str], pages: int) -> list[list[tuple[int, Source]]]:
    """The pages with their places, by the host that they are asked of."""
    return [[(place, source(url, place)) for place in range(at, pages, len(urls))] for at, url in enumerate(urls)]


def source(url: str, place: int) -> Source:
    """A page as a source of the catalogue, with the generic reader of such lists."""
    return Source(
        id=f"page-{place:03d}",
        name=f"Page {place}",
        name_zh=f"第{place}页",
        publisher=f"第{place:03d}医疗保障局",
        platform="govlist",
        home=f"{url}/p{place:03d}/",
        urls=(rf"{url}/p{place:03d}/.*",),
        delay=0.0,
        required=("title", "published_at"),
    )


@dataclass(slots=True)
class Told:
    """What a round told: places with the keys of their items, and polls that did not go well."""

    told: list[tuple[int, str]] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


async def polled(runner: Runner, host: Sequence[tuple[int, Source]], said: Told) -> None:
    """Poll the pages of a host, one after the other."""
    for place, one in host:
        report = await runner.poll(one)
        said.told += [(place, notice.item_key) for notice in report.notices]
        if not report.outcome.healthy:
            said.bad.append(f"{one.id}: {report.outcome.value}: {report.detail}")


async def main(urls: Sequence[str], pages: int, kafka: str, redis_url: str, folder: Path) -> None:
    """A round for each line of standard input, until it ends."""
    clock, hosts = Hours(), sources(urls, pages)
    redis = redis_client(redis_url)
    worn = Outfit(folder, FetchSettings(allow_private=True), seed=1)
    async with publisher(kafka, idempotent=False, redis=redis) as out:

        async def publish(records):  # type: ignore[no-untyped-def]
            await out.send_until_done(records, "scrape")

        async with open_runner(worn, clock, RedisSeen(redis), publish) as runner:
            while line := await asyncio.to_thread(sys.stdin.readline):
                clock.hour, said = datetime.fromisoformat(line.strip()), Told()
                async with asyncio.TaskGroup() as group:
                    for host in hosts:
                        group.create_task(polled(runner, host, said))
                print(orjson.dumps(said).decode(), flush=True)
    await redis.aclose()


if __name__ == "__main__":
    _, where, many, kafka_at, redis_at, archive = sys.argv
    uvloop.run(main(where.split(","), int(many), kafka_at, redis_at, Path(archive)))
