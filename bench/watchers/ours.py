"""``python -m bench.watchers.ours URL PAGES KAFKA REDIS FOLDER``: the scrapers' runner, a round for each instant that it reads.

It does all that a poll does: robots.txt, the archive, parsing each row, the memory in Redis, notices and health to the broker.
Only what follows from a new row is left out, its own page: the peers do not read it either. The loop is uvloop, as that of
`medpulse run scraper`. Prints what was told, as JSON.
"""

from __future__ import annotations

import asyncio
import sys
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


async def main(url: str, pages: int, kafka: str, redis_url: str, folder: Path) -> None:
    """A round for each line of standard input, until it ends."""
    clock, sources = Hours(), [source(url, place) for place in range(pages)]
    redis = redis_client(redis_url)
    worn = Outfit(folder, FetchSettings(allow_private=True), seed=1)
    async with publisher(kafka, idempotent=False, redis=redis) as out:

        async def publish(records):  # type: ignore[no-untyped-def]
            await out.send_until_done(records, "scrape")

        async with open_runner(worn, clock, RedisSeen(redis), publish) as runner:
            while line := await asyncio.to_thread(sys.stdin.readline):
                clock.hour = datetime.fromisoformat(line.strip())
                told: list[tuple[int, str]] = []
                bad: list[str] = []
                for place, one in enumerate(sources):
                    report = await runner.poll(one)
                    told += [(place, notice.item_key) for notice in report.notices]
                    if not report.outcome.healthy:
                        bad.append(f"{one.id}: {report.outcome.value}: {report.detail}")
                print(orjson.dumps({"told": told, "bad": bad}).decode(), flush=True)
    await redis.aclose()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], Path(sys.argv[5])))
