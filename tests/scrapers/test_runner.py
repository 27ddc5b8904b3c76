"""A poll from the request to the messages: what is new is published once, and every fault is one named outcome."""

from __future__ import annotations

import gzip

import pytest

from events.clock import VirtualClock
from events.messages import HealthState, Outcome
from tests.scrapers.hostile import (
    WALL,
    Hostile,
    Manner,
    cut_off,
    drip,
    endless,
    hang,
    listed,
    page,
    raw,
    redirect,
    reset,
)
from tests.scrapers.rig import A, B, Rig, own, small


@pytest.mark.asyncio
async def test_what_is_new_is_published_and_kept(rig: Rig, site: Hostile, clock: VirtualClock) -> None:
    site.pages |= {"/list": listed(A, B | {"own": True}), "/item/b": own("b", number="7")}
    report = await rig.poll(small(site.url()))
    assert (report.outcome, report.items_seen, report.items_new) == (Outcome.NEW, 2, 2)
    first, second = rig.sent.notices
    assert (first.item_key, first.title, first.fields) == ("a", "甲", {"number": "1"})
    assert (second.item_key, second.title, second.body, second.fields) == ("b", "b whole", "text", {"number": "7"})
    assert second.published_precision == "minute", "the page of the item states the minute"
    pages = {p.pointer: p for p in rig.kept}
    assert first.archive in pages
    assert second.archive in pages
    assert (pages[first.archive].url, pages[second.archive].url) == (site.url("/list"), site.url("/item/b"))
    assert [(h.outcome, h.state, h.items_new) for h in rig.sent.health] == [(Outcome.NEW, HealthState.HEALTHY, 2)]


@pytest.mark.asyncio
@pytest.mark.parametrize("headers", [{}, {"etag": '"1"'}])
async def test_the_same_page_twice_is_unchanged(headers: dict[str, str], rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = listed(A, **headers)
    outcomes = [(await rig.poll(small(site.url()))).outcome for _ in range(3)]
    assert outcomes == [Outcome.NEW, Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert rig.sent.keys == {"a": 1}
    assert ("if-none-match" in site.asked[-1].headers) is bool(headers)


FAULTS: dict[str, tuple[Manner, Outcome]] = {
    "reset": (reset(b'{"items"'), Outcome.OUTAGE),
    "hang": (hang, Outcome.OUTAGE),
    "drip": (drip, Outcome.OUTAGE),
    "closed": (raw(b""), Outcome.OUTAGE),
    "500": (page(b"oops", 500), Outcome.OUTAGE),
    "503": (page(b"", 503, retry_after="120"), Outcome.OUTAGE),
    "endless": (endless, Outcome.MALFORMED),
    "bad-gzip": (page(b"{}", content_encoding="gzip"), Outcome.MALFORMED),
    "bomb": (page(gzip.compress(b"0" * 9_000_000), content_encoding="gzip"), Outcome.MALFORMED),
    "cut-off": (cut_off(b'{"items": ['), Outcome.MALFORMED),
    "half-json": (page(b'{"items": [{"key"'), Outcome.MALFORMED),
    "wrong-shape": (page(b'{"records": []}'), Outcome.DRIFTED),
    "empty": (listed(), Outcome.DRIFTED),
    "no-dates": (listed({"key": "a", "title": "t"}, {"key": "b", "title": "t"}), Outcome.DRIFTED),
    "wall-412": (page(WALL, 412), Outcome.CHALLENGED),
    "wall-202": (page(WALL, 202), Outcome.CHALLENGED),
    "wall-521": (page(b"", 521), Outcome.CHALLENGED),
    "wall-200": (page(WALL), Outcome.CHALLENGED),
    "429-seconds": (page(b"", 429, retry_after="600"), Outcome.THROTTLED),
    "429-date": (page(b"", 429, retry_after="Mon, 07 Mar 2022 01:20:00 GMT"), Outcome.THROTTLED),
    "401": (page(b"", 401), Outcome.REFUSED),
    "403": (page(b"", 403), Outcome.REFUSED),
    "404": (page(b"", 404), Outcome.REFUSED),
    "410": (page(b"", 410), Outcome.REFUSED),
    "loop": (redirect("/list"), Outcome.REFUSED),
    "file": (redirect("file:///etc/passwd"), Outcome.REFUSED),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_named_and_loses_nothing(name: str, rig: Rig, site: Hostile, clock: VirtualClock) -> None:
    manner, outcome = FAULTS[name]
    source = small(site.url(), details=False)
    site.pages["/list"] = listed(A)
    await rig.poll(source)
    site.pages["/list"] = manner
    report = await rig.poll(source)
    assert (report.outcome, report.items_new) == (outcome, 0), report.detail
    assert report.detail
    assert (report.health.state, report.health.bad_in_a_row) == (HealthState.DEGRADED, 1)
    assert report.health.next_poll_at is not None
    site.pages["/list"] = listed(B, A)
    await clock.advance_to(report.health.next_poll_at)
    healed = await rig.poll(source)
    assert (healed.outcome, healed.health.state) == (Outcome.NEW, HealthState.HEALTHY), healed.detail
    assert rig.sent.keys == {"a": 1, "b": 1}


@pytest.mark.asyncio
async def test_robots_refuses_and_an_empty_list_may_be_news(rig: Rig, site: Hostile) -> None:
    site.pages |= {"/robots.txt": page(b"User-agent: *\nDisallow: /list"), "/none": listed()}
    refused = await rig.poll(small(site.url()))
    assert (refused.outcome, "robots.txt" in refused.detail) == (Outcome.REFUSED, True)
    assert (await rig.poll(small(site.url("/none"), never_empty=False))).outcome is Outcome.EMPTY
    assert site.times_asked("/list") == 0


@pytest.mark.asyncio
async def test_a_missing_date_is_not_invented(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = listed(A, B, {"key": "c", "title": "丙"})
    assert (await rig.poll(small(site.url(), details=False))).outcome is Outcome.NEW
    assert [(n.item_key, n.published_at is None) for n in rig.sent.notices] == [("a", False), ("b", False), ("c", True)]


@pytest.mark.asyncio
async def test_an_edited_item_is_published_again(rig: Rig, site: Hostile) -> None:
    source = small(site.url())
    for title in ("甲", "甲（更正）"):
        site.pages["/list"] = listed(A | {"title": title}, B)
        await rig.poll(source)
    before, after = (n for n in rig.sent.notices if n.item_key == "a")
    assert (before.notice_id, after.title) == (after.notice_id, "甲（更正）")
    assert before.content_hash != after.content_hash
    assert rig.sent.keys == {"a": 2, "b": 1}
