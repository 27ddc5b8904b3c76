"""Conditions that hold for a time, and what only time tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from alerts.conditions import Condition, Report, turned
from alerts.judge import History, moves, reports_of
from alerts.measures import changed, departure, rank_of
from alerts.rules import AbsenceRule, Change, DeadlineRule, HealthRule, MetricRule, ZScore
from alerts.ticks import absence, deadlines, limit_of
from events.event import InnovationReview
from events.messages import Alert, AlertStatus, HealthState, Metric
from tests.alerts.build import SEEN, alert, health, priced

HOUR = timedelta(hours=1)


def _health(**more: Any) -> HealthRule:
    return HealthRule.model_validate({"id": "h", "on": "health", "title": "x", **more})


def _series(values: list[int], rule: MetricRule) -> list[Alert]:
    """The alerts as one series takes these values, an hour apart."""
    held: Condition | None = None
    told: list[Alert] = []
    for n, (before, after) in enumerate(pairwise(values)):
        fact = priced(before, after).model_copy(update={"at": SEEN + n * HOUR})
        for report in reports_of(fact, [rule], {}, {}):
            turn = turned(held, report, fact.at)
            held = turn.condition
            told += turn.alerts
    return told


def test_an_outage_begins_and_ends_under_one_id() -> None:
    rule = _health()
    (begun,) = reports_of(health(HealthState.FAILING, SEEN, SEEN - HOUR), [rule], {}, {})
    first = turned(None, begun, SEEN)
    (ended,) = reports_of(health(HealthState.HEALTHY, SEEN + HOUR), [rule], {}, {})
    last = turned(first.condition, ended, SEEN + HOUR)
    assert [a.status for a in (*first.alerts, *last.alerts)] == [AlertStatus.FIRING, AlertStatus.RESOLVED]
    assert len({a.alert_id for a in (*first.alerts, *last.alerts)}) == 1
    assert last.condition is None
    assert last.alerts[0].resolved_at == SEEN + HOUR


def test_another_outage_without_news_of_the_first_s_end_ends_the_first() -> None:
    rule = _health()
    (one,) = reports_of(health(HealthState.FAILING, SEEN, SEEN - HOUR), [rule], {}, {})
    (two,) = reports_of(health(HealthState.FAILING, SEEN + 3 * HOUR, SEEN + HOUR), [rule], {}, {})
    turn = turned(turned(None, one, SEEN).condition, two, SEEN + 3 * HOUR)
    assert [a.status for a in turn.alerts] == [AlertStatus.RESOLVED, AlertStatus.FIRING]


@pytest.mark.parametrize(("minutes", "told"), [(29, 0), (30, 1), (90, 1)])
def test_what_has_to_hold_is_told_when_it_has(minutes: int, told: int) -> None:
    rule = _health(**{"for": "30m"})
    (begun,) = reports_of(health(HealthState.FAILING, SEEN), [rule], {}, {})
    first = turned(None, begun, SEEN)
    assert not first.alerts
    later = turned(first.condition, begun, SEEN + timedelta(minutes=minutes))
    assert len(later.alerts) == told


def test_what_ended_before_its_time_was_never_told() -> None:
    first = turned(None, Report("k", SEEN, alert(), 3600.0), SEEN)
    assert turned(first.condition, Report("k", SEEN + HOUR / 2, None, 3600.0), SEEN + HOUR / 2).alerts == ()


def test_a_source_that_is_quiet_beyond_its_rhythm() -> None:
    quiet = health(HealthState.HEALTHY).model_copy(update={"overdue": True})
    (report,) = reports_of(quiet, [_health(overdue=True)], {}, {})
    assert report.alert is not None
    assert report.alert.tags["kind"] == ("overdue",)
    (other,) = reports_of(quiet, [_health()], {}, {})
    assert other.alert is None


def _metric(**more: Any) -> MetricRule:
    dims = {"product": "*"}
    return MetricRule.model_validate(
        {"id": "m", "on": "metric", "metric": "pricing_provinces", "dims": dims, "title": "{{ limit }}", **more}
    )


def test_a_threshold_is_told_once_while_it_is_passed_and_when_it_is_not() -> None:
    told = _series([8, 9, 11, 12, 9, 13], _metric(above=10))
    assert [a.status.value for a in told] == ["firing", "firing", "resolved", "firing"]
    assert told[0].alert_id == told[1].alert_id == told[2].alert_id != told[3].alert_id
    assert [a.status.value for a in _series([12, 9, 8, 11], _metric(below=10))] == ["firing", "firing", "resolved"]


@pytest.mark.parametrize(
    ("change", "before", "now", "holds"),
    [
        ({"by": 5}, 10, 15, True),
        ({"by": 5}, 10, 14, False),
        ({"by": -5}, 10, 5, True),
        ({"by": -5}, 10, 15, False),
        ({"percent": 50}, 10, 15, True),
        ({"percent": 50}, 0, 15, False),
        ({"percent": -20}, 10, 8, True),
    ],
)
def test_a_change_over_a_window(change: dict[str, Any], before: int, now: int, holds: bool) -> None:
    assert changed(before, now, Change(days=7, **change)).holds is holds


def test_a_change_is_told_once_until_it_is_over() -> None:
    rule = _metric(change={"days": 7, "by": 5}, title="{{ change }} in {{ days }} days")
    held: Condition | None = None
    told: list[Alert] = []
    for n, (before, now) in enumerate([(5, 10), (5, 11), (10, 11), (5, 12)]):
        fact = priced(now - 1, now).model_copy(update={"at": SEEN + n * HOUR})
        history = {("m", "pricing_provinces{product=keya_deepvessel_ffr}"): History((before, now))}
        (report,) = reports_of(fact, [rule], {}, history)
        turn = turned(held, report, fact.at)
        held, told = turn.condition, told + list(turn.alerts)
    assert [a.title for a in told] == ["5 in 7 days", "7 in 7 days"]
    assert not any(a.standing for a in told)


def test_a_departure_from_its_own_history() -> None:
    rule = ZScore(above=3, days=30, least=5)
    quiet = [n // 3 for n in range(32)]
    assert not departure(quiet, rule).holds
    burst = departure([*quiet[:-1], quiet[-2] + 12], rule)
    assert burst.holds
    assert burst.number > 3
    assert not departure([0] * 31 + [12], rule).holds, "too little is known of it"


def test_ranks() -> None:
    table = {"a": 9, "b": 7, "c": 7, "d": 1}
    assert [rank_of(name, table) for name in ("a", "b", "c", "d", "x")] == [1, 2, 2, 4, 5]
    rule = _metric(rank={"top": 3}, title="{{ subject }}: {{ rank_before }} → {{ rank }}")
    (told,) = moves(priced(1, 8, product="d"), rule, {}, History(table={**table, "d": 8}))
    assert told.title == "d: 4 → 2"
    assert told.alert_id == "m:pricing_provinces{product=d}:rank2@8"
    assert moves(priced(9, 10, product="a"), rule, {}, History(table=table)) == []
    assert moves(priced(1, 2, product="d"), rule, {}, History(table={**table, "d": 2})) == []


def _absence(**more: Any) -> AbsenceRule:
    return AbsenceRule.model_validate(
        {"id": "quiet", "on": "absence", "types": ["device_approval"], "title": "nothing since {{ last }}", **more}
    )


def test_nothing_for_longer_than_was_said() -> None:
    rule = _absence(longer_than="14d")
    times = [SEEN.timestamp()]
    assert absence(rule, times, SEEN, SEEN + timedelta(days=14)).alert is None
    late = absence(rule, times, SEEN, SEEN + timedelta(days=14, seconds=1)).alert
    assert late is not None
    assert late.title == "nothing since 2022-03-07 09:00"
    assert late.raised_at == SEEN + timedelta(days=14), "a fact of its own, whenever it is looked at"
    assert absence(rule, [], SEEN, SEEN + timedelta(days=15)).alert is not None, "nothing ever came"


def test_a_rhythm_is_learned() -> None:
    times = [float(day * 86_400) for day in (0, 7, 14, 21, 28, 35)]
    assert limit_of(_absence(), times) == 21 * 86_400
    assert limit_of(_absence(), times[:5]) is None
    assert limit_of(_absence(factor=2), times) == 14 * 86_400


def _review(end: date, **more: Any) -> InnovationReview:
    fields = {
        "event_id": "innovation_review:1",
        "title": "创新审查公示",
        "url": "https://www.cmde.org.cn/",
        "source_id": "cmde",
    }
    return InnovationReview.model_validate(
        {**fields, "notice_id": "n", "detected_at": SEEN, "product_name": "肺结节", "window_end": end, **more}
    )


def _closing(**more: Any) -> DeadlineRule:
    return DeadlineRule.model_validate(
        {
            "id": "closing",
            "on": "deadline",
            "types": ["innovation_review"],
            "title": "{{ days_left }} days left",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(2022, 3, 10, 0, 59, tzinfo=UTC), []),
        (datetime(2022, 3, 10, 1, 0, tzinfo=UTC), ["7 days left"]),
        (datetime(2022, 3, 15, 1, 0, tzinfo=UTC), ["2 days left"]),
        (datetime(2022, 3, 16, 1, 0, tzinfo=UTC), ["1 days left"]),
        (datetime(2022, 3, 17, 15, 59, tzinfo=UTC), ["0 days left"]),
        (datetime(2022, 3, 17, 16, 0, tzinfo=UTC), []),
    ],
)
def test_a_window_closes(at: datetime, told: list[str]) -> None:
    assert [a.title for a in deadlines(_closing(), [_review(date(2022, 3, 17))], at)] == told


def test_deadline_ids_are_made_of_facts() -> None:
    at = datetime(2022, 3, 12, 3, 0, tzinfo=UTC)
    (one,) = deadlines(_closing(), [_review(date(2022, 3, 17))], at)
    (same,) = deadlines(_closing(), [_review(date(2022, 3, 17))], at + timedelta(days=2))
    (moved,) = deadlines(_closing(), [_review(date(2022, 3, 18))], at)
    assert one.alert_id == same.alert_id == "closing:innovation_review:1:2022-03-17-7" != moved.alert_id
    assert list(deadlines(_closing(), [_review(date(2022, 3, 17), retracted=True)], at)) == []


def test_a_metric_without_history_says_nothing() -> None:
    fact: Metric = priced(1, 9)
    assert list(reports_of(fact, [_metric(zscore={}), _metric(change={"days": 3, "by": 1})], {}, {})) == []
