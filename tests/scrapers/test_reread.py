"""Edits that only an item's own page shows: re-read in turn, politely, published once, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.messages import Outcome
from events.view.layout import text
from scrapers.recent import Flapping
from scrapers.round import Limits
from scrapers.seen import MemorySeen, RedisSeen, Seen
from tests.scrapers.hostile import Hostile, listed, page
from tests.scrapers.rig import B, Rig, own, rigged, small

HOURS = timedelta(hours=7)
ITEMS = [B | {"key": key, "own": True} for key in "abcd"]


@pytest.fixture(params=["memory", "redis"])
def seen(request: pytest.FixtureRequest, redis: Redis) -> Seen:
    return RedisSeen(redis) if request.param == "redis" else MemorySeen()


@pytest_asyncio.fixture
async def rig(tmp_path: Path, clock: VirtualClock, seen: Seen) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, clock, seen=seen, limits=Limits(rereads=2)) as made:
        yield made


async def _later(rig: Rig, by: timedelta = HOURS) -> None:
    await rig.clock.advance_to(rig.clock.now() + by)


def _lay(site: Hostile, *keys: str) -> None:
    site.pages["/list"] = listed(*(item for item in ITEMS if item["key"] in keys), etag='"list"')
    for key in keys:
        site.pages[f"/item/{key}"] = own(key)


@pytest.mark.asyncio
async def test_own_pages_are_read_again_in_turn_and_an_edit_is_published_once(rig: Rig, site: Hostile) -> None:
    _lay(site, *"abcd")
    source = small(site.url())
    await rig.poll(source)
    site.pages["/item/c"] = own("c", body="corrected")
    outcomes = []
    for _ in range(5):
        await _later(rig)
        outcomes.append((await rig.poll(source)).outcome)
    assert sorted(outcomes) == [Outcome.NEW, *[Outcome.UNCHANGED] * 4]
    assert rig.sent.keys == {"a": 1, "b": 1, "c": 2, "d": 1}
    first, second = (n for n in rig.sent.notices if n.item_key == "c")
    assert (second.body, second.notice_id, second.url) == ("corrected", first.notice_id, first.url)
    assert second.content_hash != first.content_hash
    assert second.detected_at > first.detected_at
    asked = [site.times_asked(f"/item/{key}") for key in "abcd"]
    assert sum(asked) == 4 + 5 * 2, "two a poll"
    assert max(asked) - min(asked) <= 1, "each in its turn"


@pytest.mark.asyncio
async def test_no_page_is_asked_for_again_too_soon_or_without_its_validators(rig: Rig, site: Hostile) -> None:
    _lay(site, "a")
    site.pages["/item/a"] = page(b'{"key": "a", "title": "t", "date": "2022-03-05"}', etag='"7"')
    source = small(site.url())
    for _ in range(3):
        await rig.poll(source)
    assert site.times_asked("/item/a") == 1
    await _later(rig)
    await rig.poll(source)
    assert site.asked[-1].headers["if-none-match"] == '"7"'
    kept = len(rig.kept)
    await _later(rig, timedelta(days=31))
    await rig.poll(source)
    assert site.times_asked("/item/a") == 2, "an old item is left alone"
    assert len(rig.kept) == kept


@pytest.mark.asyncio
async def test_a_page_that_fails_again_loses_nothing_and_is_no_bad_poll(rig: Rig, site: Hostile) -> None:
    _lay(site, "a")
    source = small(site.url())
    await rig.poll(source)
    for broken in (page(b"", 500), page(b"{"), page(b"", 403), page(b'{"title": "a"}')):
        site.pages["/item/a"] = broken
        await _later(rig)
        report = await rig.poll(source)
        assert (report.outcome, report.health.bad_in_a_row) == (Outcome.UNCHANGED, 0)
    site.pages["/item/a"] = own("a", body="new")
    await _later(rig)
    await rig.poll(source)
    assert [n.body for n in rig.sent.notices] == ["text", "new"]


@pytest.mark.asyncio
async def test_the_list_and_the_page_keep_what_each_says(rig: Rig, site: Hostile) -> None:
    """A field that only the row states stays; one that the page states no longer goes."""
    site.pages["/list"] = listed(B | {"key": "a", "own": True, "number": "7"}, etag='"1"')
    site.pages["/item/a"] = own("a", body="one")
    source = small(site.url())
    await rig.poll(source)
    site.pages["/item/a"] = own("a", body="two")
    await _later(rig)
    await rig.poll(source)
    assert [(n.body, n.fields) for n in rig.sent.notices] == [("one", {"number": "7"}), ("two", {"number": "7"})]
    await rig.poll(source)
    assert rig.sent.keys == {"a": 2}


@pytest.mark.asyncio
async def test_an_item_that_changes_all_the_time_is_capped_and_said_to_be(
    tmp_path: Path, clock: VirtualClock, site: Hostile
) -> None:
    limits = Limits(flapping=Flapping(changes=3, window=timedelta(days=2)))
    source = small(site.url())
    async with rigged(tmp_path, clock, limits=limits) as rig:
        for number in range(8):
            site.pages["/list"] = listed(B | {"key": "a", "title": f"title {number}"}, B)
            report = await rig.poll(source)
            await _later(rig, timedelta(hours=1))
        assert rig.sent.keys["a"] == 1 + 3
        assert "a changes too often" in report.health.detail
        assert report.outcome is Outcome.UNCHANGED
        await _later(rig, timedelta(days=2))
        assert (await rig.poll(source)).outcome is Outcome.NEW
    assert rig.sent.notices[-1].title == "title 7", "what stands at the end is published"
    assert rig.sent.keys == {"a": 5, "b": 1}


@pytest.mark.asyncio
async def test_what_is_watched_is_bounded(tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile) -> None:
    items = [B | {"key": f"k{number}", "body": "字" * 300} for number in range(30)]
    site.pages["/list"] = listed(*items)
    async with rigged(tmp_path, clock, seen=RedisSeen(redis), limits=Limits(recent=10)) as rig:
        await rig.poll(small(site.url()))
        await _later(rig)
        site.pages["/list"] = listed(B | {"key": "new", "date": "2022-03-06"}, *items)
        await rig.poll(small(site.url()))
    memory = await rig.seen.memory("small")
    assert len(memory.recent) == 10
    assert "new" in memory.recent
    kept = {text(key) for key in await redis.hkeys("medpulse:scraper:{small}:kept")}
    assert kept == set(memory.recent)
