"""Notices that are gone: confirmed over several polls, never by a bad one, never many at once; and those that come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.messages import HealthState, Outcome
from events.notice import Notice
from scrapers.recent import Flapping
from scrapers.round import Limits
from scrapers.seen import MemorySeen, RedisSeen, Seen
from streams.agents.dedupe import novel
from tests.scrapers.hostile import WALL, Hostile, Manner, listed, page
from tests.scrapers.rig import Rig, own, rigged, small

DATES = {"e": "2022-03-05", "d": "2022-03-04", "c": "2022-03-03", "b": "2022-03-02", "a": "2022-03-01"}


@pytest.fixture(params=["memory", "redis"])
def seen(request: pytest.FixtureRequest, redis: Redis) -> Seen:
    return RedisSeen(redis) if request.param == "redis" else MemorySeen()


@pytest_asyncio.fixture
async def rig(tmp_path: Path, clock: VirtualClock, seen: Seen) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, clock, seen=seen) as made:
        yield made


def _list(*keys: str, **more: object) -> Manner:
    return listed(*({"key": key, "title": f"item {key}", "date": DATES[key[0]]} | more for key in keys))


def _said(rig: Rig) -> list[tuple[str, bool]]:
    return [(n.item_key, n.retracted) for n in rig.sent.notices]


async def _poll(rig: Rig, site: Hostile, manner: Manner, times: int = 1, **source: object) -> list[Outcome]:
    site.pages["/list"] = manner
    outcomes = []
    for _ in range(times):
        outcomes.append((await rig.poll(small(site.url(), **source))).outcome)
        await rig.clock.advance_to(rig.clock.now() + timedelta(hours=1))
    return outcomes


@pytest.mark.asyncio
async def test_an_item_gone_from_the_list_is_withdrawn_after_three_polls(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edcba"))
    before = {n.item_key: n for n in rig.sent.notices}["c"]
    assert await _poll(rig, site, _list(*"edba"), 2) == [Outcome.UNCHANGED] * 2
    assert ("c", True) not in _said(rig)
    assert await _poll(rig, site, _list(*"edba")) == [Outcome.NEW]
    last = rig.sent.notices[-1]
    assert (last.item_key, last.retracted, last.title, last.notice_id) == ("c", True, before.title, before.notice_id)
    assert last.content_hash != before.content_hash
    assert "1 withdrawn: c" in rig.sent.health[-1].detail
    await _poll(rig, site, _list(*"edba"), 5)
    assert _said(rig).count(("c", True)) == 1


@pytest.mark.asyncio
async def test_it_comes_back_as_a_new_revision(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edcba"))
    await _poll(rig, site, _list(*"edba"), 3)
    assert await _poll(rig, site, _list(*"edcba"), 3) == [Outcome.NEW, Outcome.UNCHANGED, Outcome.UNCHANGED]
    mine = [n for n in rig.sent.notices if n.item_key == "c"]
    assert [n.retracted for n in mine] == [False, True, False]
    passed: list[Notice] = []
    state: dict[str, tuple[int, str]] = {}
    for notice in mine:
        for one in novel([notice], state):
            passed.append(one)
            state[one.notice_id] = (one.revision, one.content_hash)
    assert [(n.revision, n.retracted) for n in passed] == [(1, False), (2, True), (3, False)]


@pytest.mark.asyncio
async def test_a_list_that_did_not_change_confirms_too(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edcba"))
    gone = listed(*({"key": key, "title": f"item {key}", "date": DATES[key]} for key in "edba"), etag='"2"')
    await _poll(rig, site, gone, 3)
    assert _said(rig)[-1] == ("c", True)


@pytest.mark.asyncio
async def test_what_new_items_push_off_the_end_is_not_gone(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"cba"))
    await _poll(rig, site, _list(*"dcb"), 4)
    await _poll(rig, site, _list(*"edc"), 4)
    assert _said(rig) == [(key, False) for key in "cbade"]


@pytest.mark.asyncio
async def test_a_pinned_item_that_goes_back_to_its_place_is_not_gone(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"aedcb"))
    await _poll(rig, site, _list(*"edcb"), 5)
    assert ("a", True) not in _said(rig)


BAD: dict[str, Manner] = {
    "500": page(b"", 500),
    "wall": page(WALL),
    "empty": listed(),
    "drifted": page(b'{"records": []}'),
    "cut": page(b'{"items": ['),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", BAD)
async def test_a_bad_poll_confirms_nothing(name: str, rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edcba"))
    await _poll(rig, site, _list(*"edba"), 2)
    await _poll(rig, site, BAD[name], 4)
    assert ("c", True) not in _said(rig)
    await _poll(rig, site, _list(*"edba"))
    assert _said(rig)[-1] == ("c", True)


@pytest.mark.asyncio
async def test_one_healthy_sight_of_it_begins_the_count_again(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edcba"))
    for _ in range(3):
        await _poll(rig, site, _list(*"edba"), 2)
        await _poll(rig, site, _list(*"edcba"))
    assert ("c", True) not in _said(rig)


@pytest.mark.asyncio
async def test_most_of_a_list_gone_is_another_list_and_no_withdrawal(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edcba"))
    outcomes = await _poll(rig, site, _list(*"ea"), 4)
    assert outcomes == [Outcome.DRIFTED] * 4
    health = rig.sent.health[-1]
    assert "3 of 5 items that should be in the list are gone" in health.detail
    assert health.state is HealthState.FAILING
    assert await _poll(rig, site, _list(*"ea"), 5) == [Outcome.UNCHANGED] * 5, "in the end it is what the list now is"
    assert not [one for one in _said(rig) if one[1]]


@pytest.mark.asyncio
async def test_news_of_a_shortened_list_is_published_all_the_same(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"dcba"))
    assert await _poll(rig, site, _list(*"ea")) == [Outcome.DRIFTED]
    assert _said(rig)[-1] == ("e", False)


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [404, 410])
async def test_an_item_whose_own_page_is_gone_is_withdrawn_and_comes_back(status: int, rig: Rig, site: Hostile) -> None:
    site.pages |= {f"/item/{key}": own(key, DATES[key]) for key in "edc"}
    await _poll(rig, site, _list(*"edc", own=True), 8)
    site.pages["/item/d"] = page(b"", status)
    await _poll(rig, site, _list(*"edc", own=True), 12)
    assert _said(rig) == [("e", False), ("d", False), ("c", False), ("d", True)]
    site.pages["/item/d"] = own("d", DATES["d"])
    await _poll(rig, site, _list(*"edc", own=True), 12)
    assert _said(rig)[4:] == [("d", False)]


@pytest.mark.asyncio
async def test_an_own_page_that_never_was_says_nothing_by_being_absent(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edc", own=True), 30)
    assert _said(rig) == [(key, False) for key in "edc"]


@pytest.mark.asyncio
async def test_a_source_may_set_how_many_polls_it_takes(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edcba"))
    await _poll(rig, site, _list(*"edba"), 1, withdrawn_after=1)
    assert _said(rig)[-1] == ("c", True)
    await _poll(rig, site, _list(*"eda"), 5, withdrawn_after=0)
    assert ("b", True) not in _said(rig)


@pytest.mark.asyncio
async def test_an_item_that_comes_and_goes_is_capped(tmp_path: Path, clock: VirtualClock, site: Hostile) -> None:
    limits = Limits(flapping=Flapping(changes=4, window=timedelta(days=30)))
    async with rigged(tmp_path, clock, limits=limits) as rig:
        for _ in range(6):
            await _poll(rig, site, _list(*"edcba"), 1, withdrawn_after=1)
            await _poll(rig, site, _list(*"edba"), 1, withdrawn_after=1)
        assert rig.sent.keys["c"] == 1 + 4
        assert "c changes too often" in rig.sent.health[-1].detail
        await clock.advance_to(clock.now() + timedelta(days=31))
        await _poll(rig, site, _list(*"edba"), 1, withdrawn_after=1)
        assert _said(rig)[-1] == ("c", True), "how it ended is published once it may be"


@pytest.mark.asyncio
async def test_a_withdrawal_that_the_broker_did_not_take_is_told_by_the_next_poll(rig: Rig, site: Hostile) -> None:
    await _poll(rig, site, _list(*"edcba"))
    await _poll(rig, site, _list(*"edba"), 2)
    rig.sent.away = True
    assert await _poll(rig, site, _list(*"edba")) == [Outcome.OUTAGE]
    rig.sent.away = False
    await _poll(rig, site, _list(*"edba"))
    assert _said(rig)[-1] == ("c", True)
