"""The room: cadence, hosts side by side, a prompt stop, and the real sources of the catalogue as a town serves them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.messages import Outcome
from scrapers.room import Outfit, ScraperRoom, open_runner
from scrapers.runner import PollReport
from scrapers.seen import MemorySeen, RedisSeen
from scrapers.source import CatalogError, Source, catalog
from tests.scrapers.hostile import Hostile, hang, listed, page
from tests.scrapers.rig import FAST, Rig, Sent, rigged, small

ITEM = {"key": "a", "title": "甲", "date": "2022-03-04"}


@asynccontextmanager
async def _running(rig: Rig, *sources: Source) -> AsyncIterator[tuple[ScraperRoom, list[tuple[datetime, PollReport]]]]:
    """A room at work, and each of its polls with the time at which it ended."""
    told: list[tuple[datetime, PollReport]] = []
    stop = asyncio.Event()
    room = ScraperRoom(rig.runner, sources, seed=1, told=lambda report: told.append((rig.clock.now(), report)))
    task = asyncio.create_task(room.run(stop))
    await asyncio.sleep(0)
    yield room, told
    stop.set()
    await task


async def _until(rig: Rig, room: ScraperRoom, end: datetime) -> None:
    """Move the clock to ``end``, waiting at each step until nobody has anything left to do."""
    await room.settled()
    while (wake := rig.clock.next_wake()) is not None and wake <= end:
        await rig.clock.advance_to(wake)
        await room.settled()
    await rig.clock.advance_to(end)


@pytest.mark.asyncio
async def test_each_source_is_polled_on_its_cadence(tmp_path: Path, clock: VirtualClock) -> None:
    async with Hostile() as one, Hostile() as two, rigged(tmp_path, clock) as rig:
        one.pages |= {"/list": listed(ITEM), "/other": listed(ITEM)}
        two.pages["/list"] = listed(ITEM)
        hourly = small(one.url(), id="hourly", cadence=3600)
        beside = small(one.url("/other"), id="beside", cadence=7200)
        daily = small(two.url(), id="daily", cadence=86_400)
        async with _running(rig, hourly, beside, daily) as (room, told):
            await _until(rig, room, clock.now() + timedelta(hours=12))
    polls = {name: [at for at, r in told if r.source_id == name] for name in ("hourly", "beside", "daily")}
    assert {name: len(times) for name, times in polls.items()} == {"hourly": 12, "beside": 6, "daily": 1}
    apart = {(b - a).total_seconds() // 100 for a, b in pairwise(polls["hourly"])}
    assert apart == {36}
    assert [r.outcome for _, r in told if r.source_id == "hourly"] == [Outcome.NEW] + [Outcome.UNCHANGED] * 11


@pytest.mark.asyncio
async def test_a_host_that_hangs_holds_up_no_other(tmp_path: Path, clock: VirtualClock) -> None:
    async with Hostile() as sick, Hostile() as well, rigged(tmp_path, clock) as rig:
        sick.pages["/list"] = hang
        well.pages["/list"] = listed(ITEM)
        sources = (small(sick.url(), id="sick"), small(well.url(), id="well"))
        async with _running(rig, *sources) as (room, told):
            await _until(rig, room, clock.now() + timedelta(hours=3))
    outcomes = {name: [r.outcome for _, r in told if r.source_id == name] for name in ("sick", "well")}
    assert outcomes["well"] == [Outcome.NEW, Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert set(outcomes["sick"]) == {Outcome.OUTAGE}
    assert len(outcomes["sick"]) > 3, "an outage is looked at sooner than the cadence"


@pytest.mark.asyncio
async def test_a_stop_does_not_wait_for_a_poll(tmp_path: Path, clock: VirtualClock) -> None:
    patient = replace(FAST, read=3600, total=3600)
    async with Hostile() as site, rigged(tmp_path, clock, settings=patient) as rig:
        site.pages["/list"] = hang
        async with _running(rig, small(site.url())) as (room, told):
            await room.settled()
            await clock.advance_to(clock.now() + timedelta(seconds=10))
            await site.arrived.wait()
    assert (told, rig.sent.records) == ([], [])


@pytest.mark.asyncio
async def test_a_restart_does_not_shorten_what_a_site_is_owed(
    tmp_path: Path, clock: VirtualClock, redis: Redis
) -> None:
    async with Hostile() as busy, Hostile() as well:
        busy.pages["/list"] = page(b"", 429, retry_after="7200")
        well.pages["/list"] = listed(ITEM)
        sources = small(busy.url(), id="busy"), small(well.url(), id="well")
        for _ in range(2):
            async with rigged(tmp_path, clock, seen=RedisSeen(redis)) as rig, _running(rig, *sources) as (room, told):
                await _until(rig, room, clock.now() + timedelta(minutes=30))
    assert [report.source_id for _, report in told] == ["well"]
    assert busy.times_asked("/list") == 1


@pytest.mark.asyncio
async def test_a_source_of_no_platform_is_refused_at_once(tmp_path: Path, clock: VirtualClock) -> None:
    async with open_runner(Outfit(tmp_path), clock, MemorySeen(), Sent()) as runner:
        with pytest.raises(CatalogError, match="there is no platform 'small'"):
            ScraperRoom(runner, [small("https://www.nhsa.gov.cn/")])
        ScraperRoom(runner, catalog().values())
