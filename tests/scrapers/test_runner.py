"""A poll from the request to the messages: what is new is published once. What goes wrong: `test_hostile_server`."""

from __future__ import annotations

import pytest

from events.clock import VirtualClock
from events.messages import HealthState, Outcome
from tests.scrapers.hostile import Hostile, listed
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
