"""What a fact says of the conditions that rules watch: health, thresholds, changes, departures. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from alerts.conditions import Report
from alerts.decide import Fact, of_health, of_metric, same_series, watches
from alerts.measures import changed, departure, rank_of
from alerts.raise_alert import Raised, alert_of
from alerts.rules import HealthRule, MetricRule, RuleBase
from events.messages import Alert, Metric, SourceHealth
from events.wire import metric_key


@dataclass(frozen=True, slots=True)
class History:
    """What a metric rule needs beside the fact: earlier values of the series, oldest first, or the values of all members."""

    values: tuple[int, ...] = ()
    table: Mapping[str, int] | None = None


Key = tuple[str, str]
"""Rule id and key of a series."""


def needed_days(rule: MetricRule, as_of: date) -> list[date]:
    """The days whose values the rule looks at, oldest first, ``as_of`` the last; none for a rule that needs no history."""
    if rule.change is not None:
        return [as_of - timedelta(days=rule.change.days), as_of]
    if rule.zscore is not None:
        return [as_of - timedelta(days=n) for n in range(rule.zscore.days + 1, -1, -1)]
    return []


def reports_of(
    fact: Fact, rules: Sequence[RuleBase], names: Mapping[str, str], histories: Mapping[Key, History]
) -> Iterator[Report]:
    """What the fact says of each rule's condition."""
    for rule in rules:
        match fact, rule:
            case SourceHealth(), HealthRule() if watches(fact, rule):
                alert = alert_of(rule, of_health(fact, rule)) if rule.holds(fact) else None
                named = not rule.outcomes
                yield Report(f"{rule.id}:{fact.source_id}", fact.at, alert, rule.holds_for, named=named)
            case Metric(), MetricRule() if same_series(fact, rule):
                history = histories.get((rule.id, metric_key(fact.name, fact.dims)), History())
                yield from _of_metric(fact, rule, names, history)
            case _:
                pass


def moves(fact: Metric, rule: MetricRule, names: Mapping[str, str], history: History) -> list[Alert]:
    """The alert that a member of the dimension came into the first places, or rose among them; facts, told once each."""
    if rule.rank is None or history.table is None:
        return []
    ((_, member),) = fact.dims.items()
    now = rank_of(member, {**history.table, member: fact.value})
    others = {name: value for name, value in history.table.items() if name != member}
    before = rank_of(member, others | ({member: fact.previous} if fact.previous > 0 else {}))
    if not (now < before and now <= rule.rank.top):
        return []
    raised = of_metric(fact, f":rank{now}@{fact.value}", names, rank=now, rank_before=before)
    return [alert_of(rule, raised)]


def _of_metric(fact: Metric, rule: MetricRule, names: Mapping[str, str], history: History) -> Iterator[Report]:
    key = f"{rule.id}:{metric_key(fact.name, fact.dims)}"
    since = f":{fact.at.isoformat()}"
    if rule.above is not None:
        raised = of_metric(fact, since, names, limit=rule.above)
        yield _standing(key, fact, rule, raised, fact.value > rule.above)
    elif rule.below is not None:
        raised = of_metric(fact, since, names, limit=rule.below)
        yield _standing(key, fact, rule, raised, fact.value < rule.below)
    elif rule.change is not None and len(history.values) > 1:
        found = changed(history.values[0], history.values[-1], rule.change)
        raised = of_metric(fact, since, names, change=_plain(found.number), days=rule.change.days)
        yield _episode(key, fact, rule, raised, found.holds)
    elif rule.zscore is not None and history.values:
        found = departure(history.values, rule.zscore)
        raised = of_metric(fact, since, names, score=_plain(found.number), days=rule.zscore.days)
        yield _episode(key, fact, rule, raised, found.holds)


def _standing(key: str, fact: Metric, rule: MetricRule, raised: Raised, holds: bool) -> Report:
    """A threshold: told while it is passed, and when it no longer is. A condition keeps the id that it began with."""
    alert = alert_of(rule, replace(raised, standing=True)) if holds else None
    return Report(key, fact.at, alert, rule.holds_for)


def _episode(key: str, fact: Metric, rule: MetricRule, raised: Raised, holds: bool) -> Report:
    """A change or a departure: told once, not again until it was over; that it is over is not news."""
    return Report(key, fact.at, alert_of(rule, raised) if holds else None, rule.holds_for, silent=True)


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number
