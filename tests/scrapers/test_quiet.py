"""Quiet or dead: the rhythm of a source in working days, with China's holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.messages import HealthState, Outcome
from events.workdays import DayKind, day_kind
from scrapers.quiet import MOST_DAYS, after, due, remembered, usual, working_days
from tests.scrapers.hostile import Hostile, listed
from tests.scrapers.rig import Rig, small

WEEKS = [date(2022, 3, 7) + timedelta(weeks=n) for n in range(8)]


def test_a_gap_is_counted_in_working_days() -> None:
    assert working_days(date(2022, 3, 4), date(2022, 3, 7)) == 1, "Friday to Monday"
    assert working_days(date(2022, 9, 30), date(2022, 10, 8)) == 1, "National Day, and a Saturday that is worked"
    assert after(date(2022, 9, 30), 1) == date(2022, 10, 8)
    assert after(date(2022, 3, 4), 5) == date(2022, 3, 11)
    assert working_days(date(2035, 1, 5), date(2035, 1, 8)) == 1, "a year that no decree has reached"


def test_a_weekly_source_is_due_after_a_week_and_overdue_after_two() -> None:
    assert usual(WEEKS[:5]) is None, "four gaps are no rhythm"
    found = due(tuple(WEEKS))
    assert usual(WEEKS) == 6, "Sunday, 24 April 2022, was worked"
    assert found is not None
    assert found.expected_by == datetime(2022, 5, 6, 16, tzinfo=UTC), "from 25 April over the holiday of 1 to 4 May"
    assert found.overdue_from == datetime(2022, 5, 13, 16, tzinfo=UTC), "7 May was worked"


@given(st.lists(st.dates(date(2022, 1, 1), date(2022, 12, 31)), min_size=6, max_size=40, unique=True))
def test_due_dates_are_ends_of_working_days(days: list[date]) -> None:
    found, gap = due(tuple(sorted(days))), usual(sorted(days))
    assert found is not None
    assert gap is not None
    last = max(days)
    for at, gaps in ((found.expected_by, gap), (found.overdue_from, 2 * gap)):
        day = (at + timedelta(hours=8)).date() - timedelta(1)
        assert day_kind(day) is DayKind.WORKING
        assert working_days(last, day) == gaps


@given(st.lists(st.lists(st.dates(date(2021, 1, 1), date(2023, 1, 1)), max_size=9), max_size=30))
def test_what_is_remembered_is_bounded_and_ascending(news: list[list[date]]) -> None:
    days: tuple[date, ...] = ()
    for some in news:
        days = remembered(days, some, date(2022, 1, 1))
        assert list(days) == sorted(set(days))
        assert len(days) <= MOST_DAYS
        assert not days or days[-1] <= date(2022, 1, 1)


@pytest.mark.asyncio
async def test_a_source_with_nothing_new_for_too_long_is_overdue_and_said_to_be(rig: Rig, site: Hostile) -> None:
    """Daily news until Monday, 7 March; it is due by Tuesday and overdue from Thursday on."""
    days = [date(2022, 3, 4) - timedelta(n) for n in range(20)]
    items = [{"key": f"{day}", "title": "t", "date": f"{day}"} for day in days]
    site.pages["/list"] = listed(*items, etag='"1"')
    source = small(site.url(), details=False)
    await rig.poll(source)
    assert rig.sent.health[-1].expected_by == datetime(2022, 3, 7, 16, tzinfo=UTC), (
        "the dates of a history are a rhythm"
    )
    site.pages["/list"] = listed({"key": "new", "title": "t", "date": "2022-03-07"}, *items, etag='"2"')
    await rig.poll(source)
    seen = []
    for _ in range(5):
        health = (await rig.poll(source)).health
        seen.append((health.overdue, health.state))
        await rig.clock.advance_to(rig.clock.now() + timedelta(days=1))
    assert seen == [(False, HealthState.HEALTHY)] * 3 + [(True, HealthState.HEALTHY)] * 2
    assert health.expected_by == datetime(2022, 3, 8, 16, tzinfo=UTC)
    assert "quiet too long" in health.detail
    assert health.outcome is Outcome.UNCHANGED
    site.pages["/list"] = listed({"key": "more", "title": "t"}, *items, etag='"3"')
    assert (await rig.poll(source)).health.overdue is False
