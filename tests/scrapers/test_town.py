"""The real sources over the simulator's town, by their real URLs: every fault named, and made good by the next poll."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from events.clock import VirtualClock
from events.messages import HealthState, Outcome
from scrapers.archive_read import read_archive
from scrapers.page import Page
from scrapers.parse import parse
from scrapers.polite import Manners
from scrapers.room import Outfit, open_runner
from scrapers.seen import MemorySeen
from scrapers.source import Source, catalog, owner
from simulator.facts import facts
from simulator.faults import Fault
from simulator.town import Town
from simulator.transport import TownTransport
from tests.scrapers.rig import FAST, Rig, Sent, driven

BEFORE, AFTER = datetime(2022, 2, 1, tzinfo=UTC), datetime(2022, 8, 15, tzinfo=UTC)
NAMED = {
    Fault.WALL_412: Outcome.CHALLENGED,
    Fault.WALL_202: Outcome.CHALLENGED,
    Fault.WALL_200: Outcome.CHALLENGED,
    Fault.THROTTLED: Outcome.THROTTLED,
    Fault.THROTTLED_UNTIL: Outcome.THROTTLED,
    Fault.ERROR_500: Outcome.OUTAGE,
    Fault.UNAVAILABLE_503: Outcome.OUTAGE,
    Fault.HANG: Outcome.OUTAGE,
    Fault.TRUNCATED: Outcome.MALFORMED,
    Fault.EMPTY_LIST: Outcome.DRIFTED,
}
HOSTS = {"nmpa-delivery": "www.nmpa.gov.cn", "nhsa-notices": "www.nhsa.gov.cn", "hkex-applications": "www1.hkexnews.hk"}


@asynccontextmanager
async def _rigged(folder: Path, clock: VirtualClock) -> AsyncIterator[tuple[Rig, Town]]:
    town, sent, seen = Town(facts(), clock), Sent(), MemorySeen()
    outfit = Outfit(folder, FAST, Manners(failures=50), transport=TownTransport(town), simulated=True, seed=1)
    async with open_runner(outfit, clock, seen, sent) as runner:
        yield Rig(runner, clock, sent, seen, folder), town


async def _to_the_end(rig: Rig, source: Source) -> None:
    """Poll until nothing is new: what a bounded poll leaves over is done by the next one."""
    for _ in range(20):
        if (await driven(rig.runner.pace, rig.clock, rig.runner.poll(source))).outcome is not Outcome.NEW:
            return


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", NAMED)
@pytest.mark.parametrize("name", HOSTS)
async def test_a_fault_of_a_real_source_is_named_and_made_good(name: str, fault: Fault, tmp_path: Path) -> None:
    source, clock = catalog()[name], VirtualClock(BEFORE)
    async with _rigged(tmp_path, clock) as (rig, town):
        await _to_the_end(rig, source)
        known = set(rig.sent.keys)
        await clock.advance_to(AFTER)
        town.misbehave(HOSTS[name], fault, retry_after=60)
        report = await driven(rig.runner.pace, clock, rig.runner.poll(source))
        assert (report.outcome, report.items_new) == (NAMED[fault], 0), report.detail
        assert report.health.state is HealthState.DEGRADED
        town.behave()
        assert report.health.next_poll_at is not None
        await clock.advance_to(report.health.next_poll_at)
        await _to_the_end(rig, source)
    async with _rigged(tmp_path / "plain", VirtualClock(AFTER)) as (plain, _):
        await _to_the_end(plain, source)
    assert known
    assert set(plain.sent.keys) - known, "something was published meanwhile"
    assert set(plain.sent.keys) <= set(rig.sent.keys)


@pytest.mark.asyncio
async def test_what_is_archived_parses_to_what_was_published(tmp_path: Path) -> None:
    clock = VirtualClock(AFTER)
    async with _rigged(tmp_path, clock) as (rig, _):
        for source in catalog().values():
            await driven(rig.runner.pace, clock, rig.runner.poll(source))
    again: dict[str, set[str]] = {}
    for path in tmp_path.glob("*.warc.gz"):
        for kept in read_archive(path, lambda broken: pytest.fail(broken.error)):
            if kept.status == 200 and (of := owner(kept.url)):
                page = Page(of, kept.url, kept.content, kept.date, kept.content_type, kept.status)
                again.setdefault(of.id, set()).update(notice.item_key for notice in parse(page).notices)
    published = {(notice.source_id, notice.item_key) for notice in rig.sent.notices}
    assert {source for source, _ in published} >= {"nmpa-delivery", "cmde-guidance", "sse-ipo", "fda-ai-list"}
    assert {(source, key) for source, key in published if key not in again[source]} == set()
    assert all(notice.archive for notice in rig.sent.notices)
    assert {notice.illustrative for notice in rig.sent.notices} == {True, False}


@pytest.mark.asyncio
async def test_an_edited_item_of_a_real_source_is_published_again(tmp_path: Path) -> None:
    source, clock = catalog()["nhsa-notices"], VirtualClock(AFTER)
    async with _rigged(tmp_path, clock) as (rig, town):
        await _to_the_end(rig, source)
        town.misbehave(HOSTS[source.id], Fault.EDITED_ITEM)
        await clock.advance_to(AFTER + timedelta(hours=1))
        report = await driven(rig.runner.pace, clock, rig.runner.poll(source))
    assert [(n.title.endswith("（更正）"), rig.sent.keys[n.item_key]) for n in report.notices] == [(True, 2)]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["cninfo", "szse-announcements"])
async def test_a_list_asked_for_by_days_is_asked_from_the_last_good_poll_on(name: str, tmp_path: Path) -> None:
    source, clock = catalog()[name], VirtualClock(datetime(2022, 8, 10, tzinfo=UTC))
    async with _rigged(tmp_path, clock) as (rig, town):
        await _to_the_end(rig, source)
        before = len(rig.sent.keys)
        await clock.advance_to(clock.now() + timedelta(days=20))
        await _to_the_end(rig, source)
        (host,) = {urlsplit(one.url).netloc for one in town.visits if one.method == "POST"}
        codes = ("0", "2", "3") if host == "www.szse.cn" else ("0", "3", "4", "6", "8")
        missed = [
            row.id
            for row in facts().announcement
            if row.code.startswith(codes) and clock.now() - timedelta(days=20) < row.published <= clock.now()
        ]
        assert len(missed) > 1
        assert len(rig.sent.keys) - before == len(missed)
        await clock.advance_to(clock.now() + timedelta(days=90))
        report = await driven(rig.runner.pace, clock, rig.runner.poll(source))
        asked = f"medpulse backfill {name} --from 2022-08-29 --to 2022-10-28"
        assert asked in report.health.detail, report.health.detail


@pytest.mark.asyncio
async def test_a_search_of_openfda_that_finds_nothing_is_empty_and_no_refusal(tmp_path: Path) -> None:
    source = catalog()["openfda-510k"]
    clock = VirtualClock(datetime(1995, 1, 1, tzinfo=UTC))
    async with _rigged(tmp_path, clock) as (rig, _):
        attempt = await driven(rig.runner.pace, clock, rig.runner.poll(source))
    assert (attempt.outcome, attempt.items_seen) == (Outcome.EMPTY, 0)
