"""Polls of the UDI source over the town: releases are spooled, streamed and published once, whatever goes wrong between."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.clock import SHANGHAI, VirtualClock
from events.messages import Outcome
from scrapers.answer import Broken
from scrapers.fetch import Fetcher, FetchSettings
from scrapers.page import Request
from scrapers.source import catalog
from simulator.facts import facts
from simulator.faults import Fault
from simulator.town import Town
from simulator.transport import TownTransport
from tests.scrapers.rig import Rig, driven
from tests.scrapers.test_town import _rigged

HOST = "udi.nmpa.gov.cn"
AT = datetime(2022, 8, 15, tzinfo=UTC)


async def _all(rig: Rig) -> None:
    for _ in range(30):
        if (await driven(rig.runner.pace, rig.clock, rig.runner.poll(catalog()["udi"]))).outcome is not Outcome.NEW:
            return


def _certificates(rig: Rig) -> Counter[str]:
    return Counter(n.fields["certificate_number"] for n in rig.sent.notices if "certificate_number" in n.fields)


@pytest.mark.asyncio
async def test_every_release_is_read_and_every_wanted_certificate_told_once(tmp_path: Path) -> None:
    async with _rigged(tmp_path, VirtualClock(AT)) as (rig, _):
        await _all(rig)
        told = _certificates(rig)
        assert told
        assert set(told.values()) == {1}
        assert rig.sent.letters == []
        assert all(notice.archive and notice.illustrative for notice in rig.sent.notices)
        report = await driven(rig.runner.pace, rig.clock, rig.runner.poll(catalog()["udi"]))
        assert (report.outcome, report.items_new) == (Outcome.UNCHANGED, 0)
    pages = [page for page in facts().delivery if page.at + timedelta(days=1) < AT]
    days = sorted({page.at.astimezone(SHANGHAI).date() for page in pages}, reverse=True)[:30]
    rows = [row for page in pages if page.at.astimezone(SHANGHAI).date() in days for row in page.rows]
    assert set(told) == {r.number for r in rows if r.number[9:11] == "21" or _is_named(r.product, r.intended_use)}


def _is_named(*texts: str) -> bool:
    words = [str(word) for word in catalog()["udi"].params["words"]]  # type: ignore[union-attr]
    return any(word in text for word in words for text in texts)


@pytest.mark.asyncio
async def test_a_release_that_appears_later_is_news(tmp_path: Path) -> None:
    clock = VirtualClock(AT - timedelta(days=200))
    async with _rigged(tmp_path, clock) as (rig, _):
        await _all(rig)
        before = set(rig.sent.keys)
        await clock.advance_to(AT)
        await _all(rig)
        assert any(key.startswith("UDID_DAY_UPDATE_2022") for key in set(rig.sent.keys) - before)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(Fault.TRUNCATED, Outcome.MALFORMED), (Fault.ERROR_500, Outcome.OUTAGE), (Fault.WALL_200, Outcome.CHALLENGED)],
)
async def test_a_release_that_fails_is_read_by_the_next_poll(fault: Fault, outcome: Outcome, tmp_path: Path) -> None:
    clock = VirtualClock(AT)
    async with _rigged(tmp_path, clock) as (rig, town):
        town.misbehave(f"https://{HOST}/releases/", fault)
        report = await driven(rig.runner.pace, clock, rig.runner.poll(catalog()["udi"]))
        assert (report.outcome, report.items_new) == (outcome, 0), report.detail
        town.behave()
        await clock.advance_to(AT + timedelta(days=1))
        await _all(rig)
        assert _certificates(rig)


@pytest.mark.asyncio
async def test_an_empty_feed_is_drift(tmp_path: Path) -> None:
    clock = VirtualClock(AT)
    async with _rigged(tmp_path, clock) as (rig, town):
        town.misbehave(HOST, Fault.EMPTY_LIST)
        report = await driven(rig.runner.pace, clock, rig.runner.poll(catalog()["udi"]))
        assert report.outcome is Outcome.DRIFTED


@pytest.mark.asyncio
async def test_a_body_goes_to_a_file_and_has_a_limit_of_its_own(tmp_path: Path) -> None:
    clock = VirtualClock(AT)
    town = Town(facts(), clock)
    newest = town._sites[HOST].newest(AT)
    request = Request(f"https://{HOST}/releases/{newest}")
    settings = FetchSettings(size=10, allow_private=True)
    async with Fetcher(settings, clock, transport=TownTransport(town)) as fetcher:
        with (tmp_path / "r").open("wb") as file:
            answer = await fetcher.get(request, into=file)
    assert (answer.status, answer.content) == (200, b"")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "r").read_bytes())) as archive:
        assert archive.testzip() is None
    small = FetchSettings(spool_size=10, allow_private=True)
    async with Fetcher(small, clock, transport=TownTransport(town)) as fetcher:
        with (tmp_path / "s").open("wb") as file, pytest.raises(Broken, match="larger than 10 bytes"):
            await fetcher.get(request, into=file)
