"""What leaves a poll: notices only once and only acknowledged, dead letters, marks; and what a poll never lets out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from events.topics import MAX_MESSAGE_BYTES, NOTICES
from scrapers.page import Page, Parsed
from scrapers.seen import MemorySeen
from tests.scrapers.hostile import (
    Hostile,
    hang,
    listed,
    page,
)
from tests.scrapers.rig import FAST, A, B, Rig, Small, rigged, small


@pytest.mark.asyncio
async def test_nothing_is_seen_before_the_broker_has_it(rig: Rig, site: Hostile) -> None:
    source = small(site.url())
    site.pages["/list"] = listed(A, B, etag='"1"')
    rig.sent.away = True
    report = await rig.poll(source)
    assert (report.outcome, "broker is away" in report.detail) == (Outcome.OUTAGE, True)
    assert report.unrecorded is not None
    rig.sent.away = False
    assert (await rig.poll(source)).outcome is Outcome.NEW
    assert rig.sent.keys == {"a": 1, "b": 1}


class _Away(MemorySeen):
    async def mark(self, source_id: str, hashes: object) -> None:
        raise ConnectionError("the store is away")


@pytest.mark.asyncio
async def test_a_store_that_goes_away_costs_a_repetition(tmp_path: Path, site: Hostile, clock: VirtualClock) -> None:
    site.pages["/list"] = listed(A)
    async with rigged(tmp_path, clock, seen=_Away()) as rig:
        reports = [await rig.poll(small(site.url())) for _ in range(2)]
    assert {report.outcome for report in reports} == {Outcome.OUTAGE}
    assert rig.sent.keys == {"a": 2}
    batches = [dict(r.headers)["ce_id"] for r in rig.sent.records if r.topic is NOTICES]
    assert len(batches) == 2
    assert len(set(batches)) == 1, "the same notices travel under the same batch id"


@pytest.mark.asyncio
async def test_an_unreadable_page_is_a_dead_letter_once(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = page(b'{"records": 1}')
    for _ in range(2):
        await rig.poll(small(site.url()))
    (letter,) = rig.sent.letters
    assert (letter.stage, letter.reason, letter.original, letter.topic) == (
        "parse",
        "drifted",
        b'{"records": 1}',
        site.url(),
    )
    kept = {p.pointer.offset: p for p in rig.kept}
    assert kept[letter.offset].content == letter.original
    site.pages["/list"] = page(b'{"records": 2}')
    await rig.poll(small(site.url()))
    assert len(rig.sent.letters) == 2


@pytest.mark.asyncio
async def test_a_notice_that_no_message_holds_is_a_dead_letter(
    tmp_path: Path, site: Hostile, clock: VirtualClock
) -> None:
    site.pages["/list"] = listed(A, B | {"body": "字" * (MAX_MESSAGE_BYTES // 3)})
    async with rigged(tmp_path, clock, settings=replace(FAST, size=50_000_000, total=10)) as rig:
        await rig.poll(small(site.url()))
        again = await rig.poll(small(site.url()))
    assert rig.sent.keys == {"a": 1}
    assert again.outcome is Outcome.UNCHANGED
    assert ["too large" in letter.reason for letter in rig.sent.letters] == [True]
    assert max(len(one.value) for one in rig.sent.records) < MAX_MESSAGE_BYTES


@pytest.mark.asyncio
async def test_illustrative_rows_stay_marked(tmp_path: Path, site: Hostile, clock: VirtualClock) -> None:
    site.pages |= {
        "/list": listed(A, B, B | {"key": "c", "own": True}, medpulse_illustrative="b"),
        "/item/c": page(json.dumps({"key": "c", "date": "2022-03-05"}).encode(), medpulse_illustrative="*"),
    }
    async with rigged(tmp_path, clock, simulated=True) as rig:
        await rig.poll(small(site.url()))
    assert {n.item_key: n.illustrative for n in rig.sent.notices} == {"a": False, "b": True, "c": True}


@pytest.mark.asyncio
async def test_a_fault_of_ours_does_not_leave_the_poll(
    rig: Rig, site: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Small, __: Page) -> Parsed:
        raise RecursionError("too deep")

    site.pages["/list"] = listed(A)
    monkeypatch.setattr(Small, "parse", broken)
    rig.runner._lists._reader._parse = lambda one: broken(Small(), one)
    report = await rig.poll(small(site.url()))
    assert (report.outcome, "RecursionError" in report.detail) == (Outcome.OUTAGE, True)


@pytest.mark.asyncio
async def test_a_cancelled_poll_is_cancelled(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = hang
    task = asyncio.create_task(rig.runner.poll(small(site.url())))
    await site.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
