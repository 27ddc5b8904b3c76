"""Lists and the pages of their items: what a poll reads, what it leaves for the next one, and that nothing falls between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from events.notice import content_hash
from scrapers.round import Limits
from scrapers.seen import MemorySeen
from tests.scrapers.hostile import (
    WALL,
    Hostile,
    Manner,
    cut_off,
    listed,
    page,
)
from tests.scrapers.rig import A, B, Rig, own, rigged, small


@pytest.mark.asyncio
@pytest.mark.parametrize("broken", [page(b"", 500), page(b"", 404), cut_off(b"{"), page(b"{}"), page(WALL, 412)])
async def test_an_item_whose_page_fails_is_tried_again(broken: Manner, rig: Rig, site: Hostile) -> None:
    source = small(site.url())
    items = [B | {"key": key, "own": True} for key in ("x", "y", "z")]
    site.pages |= {"/list": listed(*items, etag='"1"'), "/item/x": own("x"), "/item/y": broken, "/item/z": own("z")}
    report = await rig.poll(source)
    assert report.outcome is Outcome.NEW
    assert "not yet" in report.detail
    assert "y" not in rig.sent.keys
    site.pages["/item/y"] = own("y")
    assert (await rig.poll(source)).outcome is Outcome.NEW
    assert rig.sent.keys == {"x": 1, "y": 1, "z": 1}
    assert (await rig.poll(source)).outcome is Outcome.UNCHANGED
    assert site.times_asked("/item/x") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("trouble", [page(b"", 500), page(b"", 429), page(WALL, 412)])
async def test_a_host_in_trouble_is_asked_for_nothing_more(trouble: Manner, rig: Rig, site: Hostile) -> None:
    items = [B | {"key": key, "own": True} for key in ("x", "y")]
    site.pages |= {"/list": listed(*items, following="/2"), "/item/x": trouble, "/item/y": own("y"), "/2": listed(A)}
    await rig.poll(small(site.url()))
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/list", "/item/x"]
    urls = [site.url("/one"), site.url("/two")]
    site.pages |= {"/one": listed(B, following="/two"), "/two": listed(A)}
    source = small(urls[0], id="lists", params={"columns": urls})
    await rig.poll(source)
    site.pages |= {"/one": trouble}
    site.asked.clear()
    await rig.poll(source)
    assert [asked.path for asked in site.asked] == ["/one"]


@pytest.mark.asyncio
async def test_the_hash_is_that_of_the_whole(rig: Rig, site: Hostile) -> None:
    for body in ("one", "two"):
        site.pages |= {"/list": listed(B | {"title": body, "own": True}), "/item/b": own("b", body=body)}
        await rig.poll(small(site.url()))
    before, after = rig.sent.notices
    assert (before.title, before.content_hash) == (after.title, content_hash(before))
    assert after.content_hash == content_hash(after) != before.content_hash


@pytest.mark.asyncio
async def test_a_page_that_stays_away_costs_its_details_and_not_the_item(rig: Rig, site: Hostile) -> None:
    source = small(site.url())
    site.pages |= {"/list": listed(B | {"own": True}), "/item/b": page(b"", 404)}
    outcomes = [(await rig.poll(source)).outcome for _ in range(6)]
    assert outcomes == [Outcome.REFUSED] * 4 + [Outcome.NEW, Outcome.UNCHANGED]
    assert [(n.item_key, n.title, n.body) for n in rig.sent.notices] == [("b", "乙", "")]


@pytest.mark.asyncio
async def test_own_pages_are_bounded_and_those_that_failed_wait_their_turn(
    tmp_path: Path, site: Hostile, clock: VirtualClock
) -> None:
    items = [B | {"key": key, "own": True} for key in "abcde"]
    site.pages |= {"/list": listed(*items)} | {f"/item/{key}": own(key) for key in "bcde"} | {"/item/a": page(b"", 404)}
    async with rigged(tmp_path, clock, limits=Limits(details=2)) as rig:
        news = [(await rig.poll(small(site.url()))).items_new for _ in range(3)]
    assert news == [1, 2, 1]
    assert rig.sent.keys == {"b": 1, "c": 1, "d": 1, "e": 1}


@pytest.mark.asyncio
async def test_older_pages_are_read_while_they_hold_news(rig: Rig, site: Hostile) -> None:
    source = small(site.url())

    def lay(*keys: str) -> None:
        for number in range(4):
            items = [B | {"key": key} for key in keys[number * 2 : number * 2 + 2]]
            following = f"/list{number + 2}" if len(keys) > number * 2 + 2 else None
            site.pages["/list" if not number else f"/list{number + 1}"] = listed(*items, following=following)

    lay("c", "b", "a")
    await rig.poll(source)
    lay("h", "g", "f", "e", "d", "c", "b", "a")
    await rig.poll(source)
    assert rig.sent.keys == dict.fromkeys("abcdefgh", 1)
    asked = site.times_asked("/list4")
    assert asked == 1, "a page with nothing new ends the way"
    lay("i", "h", "g", "f", "e", "d", "c", "b")
    await rig.poll(source)
    assert (rig.sent.keys["i"], site.times_asked("/list3")) == (1, 1)


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [404, 410])
async def test_an_older_page_that_does_not_exist_is_the_end_of_the_list(status: int, rig: Rig, site: Hostile) -> None:
    site.pages |= {"/list": listed(A, B, following="/2"), "/2": page(b"", status)}
    report = await rig.poll(small(site.url()))
    assert (report.outcome, report.items_seen, site.times_asked("/2")) == (Outcome.NEW, 2, 1)
    assert (await rig.poll(small(site.url()))).outcome is Outcome.UNCHANGED
    assert site.times_asked("/2") == 1


@pytest.mark.asyncio
async def test_a_gap_among_older_pages_is_closed(rig: Rig, site: Hostile) -> None:
    source = small(site.url())
    site.pages["/list"] = listed(B | {"key": "a"})
    await rig.poll(source)
    site.pages |= {"/list": listed(B | {"key": "d"}, following="/2"), "/2": page(b"", 500)}
    assert (await rig.poll(source)).outcome is Outcome.OUTAGE
    assert rig.sent.keys == {"a": 1, "d": 1}
    # Two newer rows have come since, and the missed ones stand a page further on.
    site.pages |= {
        "/list": listed(B | {"key": "e"}, following="/2"),
        "/2": listed(B | {"key": "d"}, following="/3"),
        "/3": listed(B | {"key": "c"}, B | {"key": "b"}, following="/4"),
        "/4": listed(B | {"key": "a"}),
    }
    assert (await rig.poll(source)).items_new == 3
    assert rig.sent.keys == dict.fromkeys("abcde", 1)
    assert (await rig.seen.memory("small")).resume == ()


@pytest.mark.asyncio
async def test_every_list_of_a_source_is_read_whatever_becomes_of_the_others(rig: Rig, site: Hostile) -> None:
    urls = [site.url("/one"), site.url("/two"), site.url("/three")]
    source = small(urls[0], params={"columns": urls})
    one, three = listed(B | {"key": "a"}, following="/two", etag='"1"'), listed(B | {"key": "c"}, etag='"3"')
    site.pages |= {"/one": one, "/two": listed(B | {"key": "b"}, following="/three"), "/three": three}
    assert (await rig.poll(source)).items_new == 3
    site.pages["/two"] = page(b"{}")
    site.pages["/three"] = listed(B | {"key": "d"}, B | {"key": "c"})
    report = await rig.poll(source)
    assert (report.outcome, report.items_new) == (Outcome.DRIFTED, 1), "a dead column does not hide"
    assert rig.sent.keys == dict.fromkeys("abcd", 1)


class Asked(MemorySeen):
    """Counts how often it was asked which items are known."""

    times = 0

    async def known(self, source_id: str, keys: Sequence[str]) -> dict[str, str]:
        self.times += 1
        return await super().known(source_id, keys)


def _noisy(visit: int, *items: Mapping[str, object]) -> Manner:
    return page(json.dumps({"items": items, "next": None, "visits": visit}).encode())


@pytest.mark.asyncio
async def test_rows_that_stand_are_gone_through_once_a_day_whatever_changes_around_them(
    tmp_path: Path, site: Hostile, clock: VirtualClock
) -> None:
    source, seen = small(site.url()), Asked()
    async with rigged(tmp_path, clock, seen=seen) as rig:

        async def polled(visit: int, *items: Mapping[str, object]) -> tuple[Outcome, int, int]:
            site.pages |= {"/list": _noisy(visit, *items)}
            report = await rig.poll(source)
            return report.outcome, report.items_seen, seen.times

        assert await polled(1, A, B) == (Outcome.NEW, 2, 1)
        assert await polled(2, A, B) == (Outcome.UNCHANGED, 2, 1)
        assert await polled(3, A | {"title": "changed"}, B) == (Outcome.NEW, 2, 2)
        assert await polled(4, A | {"title": "changed"}, B) == (Outcome.UNCHANGED, 2, 2)
        assert await polled(5, B) == (Outcome.UNCHANGED, 1, 3), "what is missing is noticed"
        assert await polled(6, B, A | {"title": "changed"}) == (Outcome.UNCHANGED, 2, 4), (
            "another order is another list"
        )
        await clock.advance_to(clock.now() + timedelta(days=1))
        assert await polled(7, B, A | {"title": "changed"}) == (Outcome.UNCHANGED, 2, 5)
    assert rig.sent.keys == {"a": 2, "b": 1}
    expected = (await seen.memory(source.id)).lists["first"].expected
    assert list(expected.fewest.values()) == [1, 2], "each day teaches what a list holds"


@pytest.mark.asyncio
async def test_an_item_that_is_missing_is_counted_by_each_poll_of_a_noisy_list(rig: Rig, site: Hostile) -> None:
    source = small(site.url(), withdrawn_after=3)
    for visit, items in enumerate([(B, A), (A,), (A,), (A,), (A,)]):
        site.pages |= {"/list": _noisy(visit, *items)}
        await rig.poll(source)
    assert [(one.item_key, one.retracted) for one in rig.sent.notices] == [("b", False), ("a", False), ("b", True)]
