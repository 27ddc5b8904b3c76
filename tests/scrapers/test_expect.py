"""What a list is expected to hold: learned from its own history, tolerant of growth, and overruled by the source's file."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.messages import Outcome
from scrapers.expect import DAYS, ENOUGH, Expectation, drift, learned, least
from tests.scrapers.hostile import Hostile, Manner, listed
from tests.scrapers.rig import Rig, small

DAY = date(2022, 3, 7)


def _taught(counts: list[int]) -> Expectation:
    expected = Expectation()
    for number, count in enumerate(counts):
        expected = learned(expected, DAY + timedelta(number), [None] * count)  # type: ignore[list-item]
    return expected


@pytest.fixture(autouse=True)
def _rows_without_fields(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The pure tests count rows; what stands in them is looked at by the polls below."""
    if "rig" not in request.fixturenames:
        monkeypatch.setattr("scrapers.expect._filled", lambda rows: {})


def _least(counts: list[int], floor: int | None = None, *, may_be_empty: bool = False) -> int | None:
    return least(_taught(counts), floor, may_be_empty=may_be_empty)


def test_nothing_is_expected_before_there_is_history() -> None:
    assert _least([20] * (ENOUGH - 1)) is None
    assert _least([20] * ENOUGH) == 10
    assert _least([], floor=7) == 7
    assert _least([20] * 9, floor=15) == 15, "the source's own wins"
    assert _least([20] * 9, may_be_empty=True) is None


@given(st.lists(st.integers(1, 500), min_size=1, max_size=90))
def test_no_list_as_long_as_one_before_is_short(counts: list[int]) -> None:
    wanted = _least(counts)
    recent = counts[-DAYS:]
    assert wanted is None or 1 <= wanted <= min(recent)
    assert wanted is None or wanted * 2 >= min(recent)


@given(st.integers(1, 50), st.lists(st.integers(0, 3), min_size=60, max_size=60))
def test_growth_is_followed_and_never_drift(start: int, steps: list[int]) -> None:
    expected, count = Expectation(), start
    for number, step in enumerate(steps):
        count += step
        rows = [None] * count
        assert drift(expected, None, rows, may_be_empty=False) is None  # type: ignore[arg-type]
        expected = learned(expected, DAY + timedelta(number), rows)  # type: ignore[arg-type]
    assert least(expected, None, may_be_empty=False) == -(-(count - sum(steps[-DAYS + 1 :])) // 2)


def _list(count: int, **more: object) -> Manner:
    return listed(
        *({"key": f"k{n}", "title": f"t{n}", "date": "2022-03-04", "number": "1"} | more for n in range(count))
    )


async def _days(rig: Rig, site: Hostile, count: int, days: int, **source: object) -> list[Outcome]:
    """Poll twice a day; the lists differ from one poll to the next, as a counter on a page makes them."""
    outcomes = []
    for poll in range(days * 2):
        site.pages["/list"] = _list(count + poll % 2)
        outcomes.append((await rig.poll(small(site.url(), details=False, **source))).outcome)
        await rig.clock.advance_to(rig.clock.now() + timedelta(hours=12))
    return outcomes


@pytest.mark.asyncio
async def test_a_list_with_far_fewer_items_than_ever_is_drifted(rig: Rig, site: Hostile) -> None:
    await _days(rig, site, 20, 6)
    assert rig.sent.health[-1].expected_items == 10
    site.pages["/list"] = _list(9)
    for _ in range(3):
        report = await rig.poll(small(site.url(), details=False))
        assert report.outcome is Outcome.DRIFTED
    assert "the list has 9 items; it never had fewer than 20 in " in report.health.detail
    assert report.health.bad_in_a_row == 3, "it does not learn from a short list"
    site.pages["/list"] = _list(10)
    assert (await rig.poll(small(site.url(), details=False))).health.bad_in_a_row == 0


@pytest.mark.asyncio
async def test_the_floor_of_the_file_wins(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = _list(4)
    short = await rig.poll(small(site.url(), details=False, expected_items=5))
    assert (short.outcome, "states at least 5" in short.health.detail) == (Outcome.DRIFTED, True)
    assert rig.sent.keys.total() == 4, "its rows are good ones"
    await _days(rig, site, 20, 6, expected_items=2)
    site.pages["/list"] = _list(2)
    assert (await rig.poll(small(site.url(), details=False, expected_items=2))).outcome is not Outcome.DRIFTED


@pytest.mark.asyncio
async def test_a_field_that_all_rows_had_and_most_lack_is_drift_and_changes_nothing(rig: Rig, site: Hostile) -> None:
    await _days(rig, site, 8, 6)
    known = rig.sent.keys.total()
    site.pages["/list"] = _list(8, number="")
    report = await rig.poll(small(site.url(), details=False))
    assert report.outcome is Outcome.DRIFTED
    assert "0 of 8 items have number, which all had on each of " in report.health.detail
    assert rig.sent.keys.total() == known, "eight notices that lost a field are not eight corrections"
    site.pages["/list"] = _list(8, title="t")
    assert (await rig.poll(small(site.url(), details=False))).outcome is Outcome.NEW


@pytest.mark.asyncio
async def test_a_field_that_not_all_rows_had_may_be_missing(rig: Rig, site: Hostile) -> None:
    for _ in range(12):
        rows = ({"key": f"k{n}", "title": f"t{n}", "date": "2022-03-04", "number": "1" if n else ""} for n in range(8))
        site.pages["/list"] = listed(*rows)
        await rig.poll(small(site.url(), details=False))
        await rig.clock.advance_to(rig.clock.now() + timedelta(hours=12))
        site.pages["/list"] = _list(8)
        await rig.poll(small(site.url(), details=False))
    site.pages["/list"] = _list(8, number="")
    assert (await rig.poll(small(site.url(), details=False))).outcome is Outcome.NEW
