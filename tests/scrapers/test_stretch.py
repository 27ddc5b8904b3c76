"""A list of a million rows: bounded in what one poll takes, and gone through over several."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

import scrapers.stretch
from events.clock import VirtualClock
from events.messages import Outcome
from scrapers.platforms.common import each
from scrapers.platforms.hkex import Hkex
from scrapers.round import Limits
from scrapers.source import Source, catalog
from scrapers.stretch import stretch, stretched
from tests.scrapers.hostile import Hostile, page
from tests.scrapers.rig import FAST, Rig, rigged, small

BIG = replace(FAST, size=64 * 1024 * 1024, total=30.0, read=20.0)


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 29, 30, 31])
def test_stretches_hold_every_row_once(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrapers.stretch, "MOST", 10)
    found: list[int] = []
    skip: int | None = 0
    while skip is not None:
        with stretch(skip) as rows:
            some = list(stretched(iter(range(length))))
        assert len(some) <= 10
        found += some
        skip = rows.more
    assert found == list(range(length))


def test_a_list_that_became_shorter_is_begun_again() -> None:
    with stretch(500) as rows:
        assert list(stretched(range(3))) == [0, 1, 2]
    assert rows.more is None
    assert list(stretched(range(3))) == [0, 1, 2], "without a poll there is no stretch"


@pytest.mark.asyncio
async def test_rows_of_a_long_list_are_taken_over_several_polls(
    tmp_path: Path, clock: VirtualClock, site: Hostile
) -> None:
    items = [{"key": f"k{n}", "title": "t", "date": "2022-03-04"} for n in range(1000)]
    site.pages["/list"] = page(json.dumps({"items": items}).encode(), etag='"1"')
    async with rigged(tmp_path, clock, limits=Limits(rows=300)) as rig:
        news = [(await rig.poll(small(site.url(), details=False))).items_new for _ in range(5)]
    assert news == [300, 300, 300, 100, 0]
    assert set(rig.sent.keys.values()) == {1}


def _hkex(site: Hostile) -> Source:
    files = [site.url("/ncms/json/eds/appactive_app_sehk_c.json")]
    changed = {"home": files[0], "urls": (".*",), "params": {"files": files}, "delay": 0.0}
    return catalog()["hkex-applications"].model_copy(update=changed)


@pytest.mark.asyncio
async def test_a_list_that_is_suddenly_huge_is_bounded_in_memory(
    tmp_path: Path, clock: VirtualClock, site: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30,000 rows in stretches of 2,000: what is held at once is the page and one stretch, not every notice."""
    monkeypatch.setattr(scrapers.stretch, "MOST", 2000)
    rows = [{"id": n, "d": "17/10/2025", "a": f"C{n}", "s": "A", "ls": [], "ps": []} for n in range(30_000)]
    source = _hkex(site)
    site.pages["/ncms/json/eds/appactive_app_sehk_c.json"] = page(json.dumps({"app": rows}).encode())
    del rows
    async with rigged(tmp_path, clock, settings=BIG, limits=Limits(rows=10_000)) as rig:
        rig.runner._platform_of = lambda _: Hkex()
        rig.runner._lists._reader._parse = Hkex().parse
        tracemalloc.start()
        reports = [await rig.poll(source) for _ in range(3)]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert [(r.outcome, r.items_new) for r in reports] == [(Outcome.NEW, 2000)] * 3
    assert len(rig.sent.keys) == 6_000
    assert peak < 75 * 1024 * 1024
    assert (await rig.seen.memory(source.id)).pages["first"].skip == 6_000


@pytest.mark.asyncio
async def test_a_list_that_is_larger_than_the_limit_is_malformed(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = page(json.dumps({"items": [{"key": str(n)} for n in range(1_000_000)]}).encode())
    report = await rig.poll(small(site.url()))
    assert (report.outcome, "larger than" in report.detail) == (Outcome.MALFORMED, True)


def test_each_is_bounded_only_in_a_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrapers.stretch, "MOST", 2)
    assert each([], lambda _: pytest.fail("no row"), "rows") == ()
