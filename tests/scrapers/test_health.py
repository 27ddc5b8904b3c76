"""The standing of a source over a series of polls, and when it is polled again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.messages import HealthState, Outcome, SourceHealth
from scrapers.health import Poll, next_health, next_wait
from scrapers.outcome import Verdict
from tests.scrapers.rig import small

AT = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)
SOURCE = small("https://www.nhsa.gov.cn/", cadence=3600)
H, D, F = HealthState.HEALTHY, HealthState.DEGRADED, HealthState.FAILING


def _after(outcomes: list[Outcome], failing_after: int = 3) -> list[SourceHealth]:
    kept: list[SourceHealth] = []
    for number, outcome in enumerate(outcomes):
        new = 2 if outcome is Outcome.NEW else 0
        poll = Poll(Verdict(outcome, "why"), AT + timedelta(hours=number), SOURCE.home, items_new=new)
        kept.append(next_health(kept[-1] if kept else None, SOURCE, poll, 0.0, failing_after))
    return kept


def test_one_bad_poll_degrades_and_a_third_in_a_row_fails() -> None:
    outcomes = [Outcome.NEW, Outcome.OUTAGE, Outcome.DRIFTED, Outcome.REFUSED, Outcome.OUTAGE, Outcome.EMPTY]
    history = _after(outcomes)
    assert [one.state for one in history] == [H, D, D, F, F, H]
    assert [one.bad_in_a_row for one in history] == [0, 1, 2, 3, 4, 0]
    assert [one.last_healthy_at for one in history] == [AT] * 5 + [AT + timedelta(hours=5)]
    assert {one.last_new_at for one in history} == {AT}
    assert _after([Outcome.OUTAGE], failing_after=1)[0].state is F


@given(st.lists(st.sampled_from(Outcome), min_size=1, max_size=12))
def test_state_follows_from_the_bad_polls_in_a_row(outcomes: list[Outcome]) -> None:
    bad = 0
    for one, outcome in zip(_after(outcomes), outcomes, strict=True):
        bad = 0 if outcome.healthy else bad + 1
        assert (one.bad_in_a_row, one.state) == (bad, H if bad == 0 else D if bad < 3 else F)
        assert one.next_poll_at is not None
        assert one.next_poll_at > one.at


@pytest.mark.parametrize(
    ("outcome", "waits"),
    [
        (Outcome.NEW, [3600, 3600, 3600, 3600]),
        (Outcome.DRIFTED, [3600, 3600, 3600, 3600]),
        (Outcome.OUTAGE, [60, 120, 240, 480]),
        (Outcome.MALFORMED, [60, 120, 240, 480]),
        (Outcome.CHALLENGED, [3600, 7200, 14400, 28800]),
        (Outcome.REFUSED, [3600, 7200, 14400, 28800]),
    ],
)
def test_how_long_to_wait(outcome: Outcome, waits: list[int]) -> None:
    found = [next_wait(SOURCE, Verdict(outcome, ""), bad, 1.0) - 60 for bad in (1, 2, 3, 4)]
    assert found == waits


def test_bounds_of_waiting() -> None:
    assert next_wait(SOURCE, Verdict(Outcome.OUTAGE, ""), 99, 1.0) == 3660, (
        "an outage is looked at once a cadence at least"
    )
    assert next_wait(SOURCE, Verdict(Outcome.CHALLENGED, ""), 99, 1.0) == 86_460
    assert next_wait(SOURCE, Verdict(Outcome.THROTTLED, "", retry_after=9000), 1, 0.0) == 9000
    assert next_wait(SOURCE, Verdict(Outcome.OUTAGE, "", retry_after=900), 1, 0.0) == 900
    assert next_wait(SOURCE, Verdict(Outcome.THROTTLED, "", retry_after=1e9), 1, 0.0) == 86_400
