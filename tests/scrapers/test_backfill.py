"""A backfill: to the first day and no further, through trouble, and on from wherever it was cut short."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.clock import VirtualClock
from scrapers.archive_index import ArchiveIndex
from scrapers.backfill import Backfill, BackfillReport, End, OtherSpan
from scrapers.cursor import Cursor, RedisCursors
from scrapers.pace import Pace
from scrapers.page import Page, Parsed, Platform, Request
from scrapers.platforms import platform_of
from scrapers.polite import Manners
from scrapers.room import Outfit, open_reader, open_runner
from scrapers.round import Limits
from scrapers.seen import MemorySeen, RedisSeen
from scrapers.source import Source, catalog
from simulator.facts import facts
from simulator.town import Town
from simulator.transport import TownTransport
from tests.scrapers.hostile import Hostile, listed, page
from tests.scrapers.rig import FAST, Sent, Small, driven, own, small

FIRST, LAST = date(2022, 2, 1), date(2022, 2, 28)


@dataclass
class Past:
    """A backfill with everything that it stands on."""

    engine: Backfill
    pace: Pace
    clock: VirtualClock
    sent: Sent
    cursors: RedisCursors
    seen: RedisSeen
    archive: Path

    async def run(
        self, source: Source, first: date = FIRST, last: date = LAST, pages: int | None = None
    ) -> BackfillReport:
        return await driven(self.pace, self.clock, self.engine.run(source, first, last, pages=pages))


@asynccontextmanager
async def past(
    folder: Path, clock: VirtualClock, redis: Redis, platform: Platform | None = None, town: Town | None = None
) -> AsyncIterator[Past]:
    transport = TownTransport(town) if town else None
    outfit = Outfit(folder, FAST, Manners(failures=50), transport=transport, simulated=town is not None, seed=1)
    parse = {"parse": platform.parse} if platform else {}
    async with open_reader(outfit, clock, **parse) as (reader, pace, _):
        sent, cursors, seen = Sent(), RedisCursors(redis), RedisSeen(redis)
        of = (lambda _: platform) if platform else platform_of
        yield Past(Backfill(of, reader, seen, cursors, sent, pace), pace, clock, sent, cursors, seen, folder)


def _pages(site: Hostile, *days: tuple[str, ...]) -> None:
    """A list of pages, an item for each of the days of a page."""
    for number, dates in enumerate(days):
        following = {"following": f"/p{number + 1}"} if number + 1 < len(days) else {}
        items = [{"key": f"{number}.{n}", "title": f"t{number}.{n}", "date": day} for n, day in enumerate(dates)]
        site.pages["/list" if number == 0 else f"/p{number}"] = listed(*items, **following)


def _asked(site: Hostile) -> list[str]:
    return [one.path for one in site.asked if one.path != "/robots.txt"]


MONTH = (
    ("2022-03-02", "2022-02-28"),
    ("2022-02-20",),
    ("2022-02-01", "2022-01-31"),
    ("2022-01-20",),
    ("2022-01-10",),
    ("2022-01-01",),
)


@pytest.mark.asyncio
async def test_it_reads_the_span_and_stops_where_everything_is_older(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    _pages(site, *MONTH)
    async with past(tmp_path, clock, redis, Small()) as it:
        report = await it.run(small(site.url(), details=False))
        again = await it.run(small(site.url(), details=False))
    assert (report.end, report.pages, report.published) == (End.DONE, 5, 3)
    assert dict(it.sent.keys) == {"0.1": 1, "1.0": 1, "2.0": 1}
    assert _asked(site) == ["/list", "/p1", "/p2", "/p3", "/p4"], (
        "two pages in a row are older; a third is not asked for"
    )
    assert (report.cursor.items, report.cursor.oldest, report.cursor.fraction) == (3, date(2022, 2, 1), 1.0)
    assert (again.end, again.pages) == (End.DONE, 0)
    assert [entry.source for entry in ArchiveIndex(tmp_path).find()] == ["small"] * 5


@pytest.mark.asyncio
async def test_it_goes_on_where_it_was_and_publishes_nothing_twice(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    _pages(site, *MONTH)
    source = small(site.url(), details=False)
    async with past(tmp_path, clock, redis, Small()) as it:
        first = await it.run(source, pages=2)
        with pytest.raises(OtherSpan, match="--restart"):
            await it.run(source, first=date(2022, 1, 1))
    assert (first.end, first.pages, first.cursor.next) == (End.ENOUGH, 2, Request(site.url("/p2")))
    assert 0 < first.cursor.fraction < 1
    async with past(tmp_path, clock, redis, Small()) as later:
        second = await later.run(source)
        await later.cursors.forget(source.id)
        anew = await later.run(source)
    assert (second.end, second.pages, second.cursor.pages) == (End.DONE, 3, 5)
    assert [*it.sent.keys, *later.sent.keys] == ["0.1", "1.0", "2.0"]
    assert (anew.pages, anew.published, anew.cursor.items) == (5, 0, 3)


@pytest.mark.asyncio
async def test_items_come_with_their_own_pages_and_one_that_fails_is_not_lost(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    rows = [{"key": key, "title": key, "date": "2022-02-05", "own": True} for key in ("a", "b", "gone")]
    site.pages |= {"/list": listed(*rows), "/item/a": own("a", "2022-02-05 09:30"), "/item/b": own("b", "2022-02-05")}
    async with past(tmp_path, clock, redis, Small()) as it:
        report = await it.run(small(site.url()))
    assert (report.end, report.published) == (End.DONE, 3)
    assert {n.item_key: n.body for n in it.sent.notices} == {"a": "text", "b": "text", "gone": ""}
    assert _asked(site).count("/item/gone") == 5, "given up like a poll gives up"
    assert set(await it.seen.known("small", ["a", "b", "gone"])) == {"a", "b", "gone"}


@pytest.mark.asyncio
async def test_a_host_in_trouble_is_waited_for_and_a_wall_is_not(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    _pages(site, *MONTH)
    good, source = site.pages["/p1"], small(site.url(), details=False)
    site.pages["/p1"] = page(b"", 503, retry_after="120")
    async with past(tmp_path, clock, redis, Small()) as it:
        before = clock.now()
        broken = await it.run(source)
        assert (broken.end, broken.detail) == (End.STOPPED, "outage: the site answered 503")
        assert (clock.now() - before).total_seconds() >= 5 * 120, "as long as the site asked for, each time"
        assert _asked(site).count("/p1") == 6
        site.pages["/p1"] = page(b"<script>$_ts=1</script>", 202)
        walled = await it.run(source)
        assert (walled.end, walled.pages, _asked(site).count("/p1")) == (End.STOPPED, 0, 7)
        site.pages["/p1"] = page(b"nonsense")
        assert "malformed" in (await it.run(source)).detail
        assert len(it.sent.letters) == 1
        site.pages["/p1"] = good
        assert (await it.run(source)).end is End.DONE
    assert sorted(it.sent.keys) == ["0.1", "1.0", "2.0"]


@pytest.mark.asyncio
async def test_an_empty_newest_page_is_not_the_end_of_history(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    site.pages["/list"] = listed()
    async with past(tmp_path, clock, redis, Small()) as it:
        report = await it.run(small(site.url()))
        assert (report.end, report.detail.partition(":")[0], report.cursor.done) == (End.STOPPED, "drifted", False)
        site.pages["/list"] = listed({"key": "a", "title": "a"}, following="/list")
        report = await it.run(small(site.url()))
    assert (report.end, report.pages) == (End.DONE, 1), "a list that leads to itself ends"
    assert dict(it.sent.keys) == {"a": 1}, "what its list does not date is taken"


class Days(Small):
    """A small site that can be asked for its days."""

    def history(self, source: Source, first: date, last: date) -> Iterator[Request]:
        for day in range(last.toordinal(), first.toordinal() - 1, -1):
            yield Request(f"{source.home}?day={date.fromordinal(day)}")


@pytest.mark.asyncio
async def test_a_platform_with_history_is_asked_for_the_days_alone(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    source = small(site.url("/days"), details=False, never_empty=False)
    for day in (date(2022, 2, 1), date(2022, 2, 2), date(2022, 2, 3)):
        site.pages[f"/days?day={day}"] = listed({"key": f"{day}", "title": "x", "date": f"{day}"})
    site.pages["/days?day=2022-02-02"] = listed()
    site.pages["/days?day=2022-02-03"] = listed({"key": "n", "title": "n", "date": "2022-02-03"}, following="/more")
    site.pages["/more"] = listed({"key": "m", "title": "m", "date": "2022-02-03"})
    async with past(tmp_path, clock, redis, Days()) as it:
        half = await it.run(source, date(2022, 2, 1), date(2022, 2, 3), pages=3)
        assert (half.end, half.cursor.part, half.cursor.next) == (End.ENOUGH, 2, None)
        done = await it.run(source, date(2022, 2, 1), date(2022, 2, 3))
    assert (done.end, done.cursor.pages) == (End.DONE, 4)
    assert _asked(site) == [f"/days?day=2022-02-0{n}" if n else "/more" for n in (3, 0, 2, 1)]
    assert list(it.sent.keys) == ["n", "m", "2022-02-01"]


class Columns(Small):
    """Two lists; from the head of one a poll goes to the head of the other."""

    def history(self, source: Source, first: date, last: date) -> Iterator[Request]:
        heads = source.params["columns"]
        assert isinstance(heads, list)
        yield from map(Request, heads)

    def parse(self, page: Page) -> Parsed:
        return super().parse(page)


@pytest.mark.asyncio
async def test_the_head_of_another_list_is_read_once(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    heads = [site.url("/one"), site.url("/two")]
    site.pages["/one"] = listed({"key": "1", "title": "1", "date": "2022-02-03"}, following="/two")
    site.pages["/two"] = listed({"key": "2", "title": "2", "date": "2022-02-03"})
    async with past(tmp_path, clock, redis, Columns()) as it:
        report = await it.run(small(heads[0], details=False, params={"columns": heads}))
    assert (report.end, _asked(site), list(it.sent.keys)) == (End.DONE, ["/one", "/two"], ["1", "2"])


SPANS = {
    "nhsa-notices": (date(2021, 1, 1), date(2022, 6, 30)),
    "nmpa-delivery": (date(2021, 6, 1), date(2022, 6, 30)),
    "cmde-guidance": (date(2021, 1, 1), date(2022, 6, 30)),
    "szse-ipo": (date(2021, 1, 1), date(2022, 6, 30)),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", SPANS)
async def test_the_history_of_a_real_source_is_whole(name: str, tmp_path: Path, redis: Redis) -> None:
    clock = VirtualClock(datetime(2022, 8, 15, tzinfo=UTC))
    town, source, (first, last) = Town(facts(), clock), catalog()[name], SPANS[name]
    async with past(tmp_path, clock, redis, town=town) as it:
        report = await it.run(source, first, last)
        assert (report.end, report.detail) == (End.DONE, "the whole span was read")
        dated = [n.published_at.astimezone(source.zone).date() for n in it.sent.notices if n.published_at]
        assert dated
        assert all(first <= day <= last for day in dated)
        assert set(it.sent.keys.values()) == {1}
        assert all(notice.archive for notice in it.sent.notices)
        if source.details:
            assert all(notice.body for notice in it.sent.notices)
    assert report.published == len(it.sent.notices)
    assert set(it.sent.keys) >= await _polled(source, first, last, clock, tmp_path / "polled")
    assert (report.pages > 1) == (source.platform in {"nmpa", "cmde"})


async def _polled(source: Source, first: date, last: date, clock: VirtualClock, folder: Path) -> set[str]:
    """The items of the span that a poll without bounds finds."""
    town, sent = Town(facts(), clock), Sent()
    outfit = Outfit(folder, FAST, Manners(), Limits(pages=500, details=10_000), transport=TownTransport(town), seed=1)
    async with open_runner(outfit, clock, MemorySeen(), sent) as runner:
        await driven(runner.pace, clock, runner.poll(source))
    days = {n.item_key: n.published_at.astimezone(source.zone).date() for n in sent.notices if n.published_at}
    found = {key for key, day in days.items() if first <= day <= last}
    assert found
    return found


def test_a_cursor_survives_its_trip_through_the_store() -> None:
    cursor = Cursor(
        first=FIRST,
        last=LAST,
        started=datetime(2022, 3, 7, tzinfo=UTC),
        next=Request("https://x/", "POST", {}, {"a": "b"}),
    )
    assert Cursor.model_validate_json(cursor.model_dump_json()) == cursor
