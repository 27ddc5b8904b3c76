"""Which alerts a fact raises. Pure: a fact and the rules in, alerts with deterministic ids out, so a replay is harmless."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from alerts.facts import entity_ids, event_facts, health_facts, metric_facts
from alerts.rules import EventRule, HealthRule, MetricRule, RuleBase
from alerts.texts import TemplateFault, fill, local_time
from events.event import EventBase
from events.ids import normalised
from events.messages import Alert, Metric, SourceHealth
from events.scenarios import SCENARIOS
from events.view.catalog import METRICS
from events.wire import metric_key

Fact = EventBase | Metric | SourceHealth


@dataclass(frozen=True, slots=True)
class _Raised:
    """What a rule found: the part of the id that names the fact, who it is about, and what the templates may read."""

    fact_id: str
    subject: str
    values: Mapping[str, Any]
    labels: Mapping[str, str]
    at: datetime
    event_ids: tuple[str, ...] = ()
    url: str | None = None
    illustrative: bool = False
    plain_title: str = ""


def alerts_of(fact: Fact, rules: Sequence[RuleBase], names: Mapping[str, str] | None = None) -> list[Alert]:
    """The alerts that ``fact`` raises, in the order of the rules. ``names`` gives entity ids the names that people read.

    The same fact raises alerts of the same ids whenever and wherever it is seen; ``raised_at`` is the fact's own time.
    """
    return [_alert(rule, raised) for rule in rules for raised in _raised(fact, rule, names or {})]


def _raised(fact: Fact, rule: RuleBase, names: Mapping[str, str]) -> Iterator[_Raised]:
    match fact, rule:
        case EventBase(), EventRule() if matches(fact, rule):
            yield _of_event(fact, rule)
        case Metric(), MetricRule() if _same_series(fact, rule):
            passed = [n for n in rule.milestones if fact.previous < n <= fact.value]
            yield from (_of_metric(fact, n, names) for n in passed)
        case SourceHealth(), HealthRule() if fact.state in rule.states:
            if any(fnmatchcase(fact.source_id, glob) for glob in rule.sources):
                yield _of_health(fact)


def matches(event: EventBase, rule: EventRule) -> bool:
    """Whether every condition of the rule holds for the event."""
    return all(condition(event, rule) for condition in _CONDITIONS)


def _any_of(wanted: Sequence[str], found: Sequence[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(found)


def _right_change(event: EventBase, rule: EventRule) -> bool:
    match rule.change:
        case "new":
            return not event.retracted
        case "revised":
            return event.revision > 1 and not event.retracted
        case "retracted":
            return event.retracted


_CONDITIONS: tuple[Callable[[EventBase, EventRule], bool], ...] = (
    _right_change,
    lambda event, rule: _any_of(rule.types, [getattr(event, "type", "")]),
    lambda event, rule: not rule.device_class or getattr(event, "device_class", None) in rule.device_class,
    lambda event, rule: rule.is_ai is None or event.labels.is_ai == rule.is_ai,
    lambda event, rule: _any_of(rule.sector, [event.labels.sector]),
    lambda event, rule: _any_of(rule.modality, [event.labels.modality]),
    lambda event, rule: _any_of(rule.scenario, event.labels.scenario),
    lambda event, rule: _any_of(rule.algorithm, event.labels.algorithm),
    lambda event, rule: not rule.entities or _any_of(rule.entities, entity_ids(event)),
    lambda event, rule: (
        not rule.keywords or any(normalised(word) in normalised(event.title) for word in rule.keywords)
    ),
)


def _same_series(metric: Metric, rule: MetricRule) -> bool:
    return (
        metric.name == rule.metric
        and metric.dims.keys() == rule.dims.keys()
        and all(fnmatchcase(value, rule.dims[dim]) for dim, value in metric.dims.items())
    )


def _of_event(event: EventBase, rule: EventRule) -> _Raised:
    suffix = {"new": "", "revised": f"@r{event.revision}", "retracted": "@retracted"}[rule.change]
    known = [SCENARIOS.get(s, (s, s)) for s in event.labels.scenario]
    at = event.event_time or event.published_at
    values = {
        "event": event,
        "when": local_time(at, event.event_time_precision) if at else "",
        "scenarios": ", ".join(en for en, _ in known),
        "scenarios_zh": "、".join(zh for _, zh in known),
    }
    return _Raised(
        event.event_id + suffix,
        event.event_id,
        values,
        event_facts(event),
        event.detected_at,
        (event.event_id,),
        event.url,
        event.illustrative,
        plain_title=event.title,
    )


def _of_metric(metric: Metric, milestone: int, names: Mapping[str, str]) -> _Raised:
    key = metric_key(metric.name, metric.dims)
    subject = ", ".join(names.get(value, value) for _, value in sorted(metric.dims.items())) or metric.name
    spec = METRICS.get(metric.name)
    values = {
        "metric": metric,
        "milestone": milestone,
        "names": dict(names),
        "subject": subject,
        "meaning": spec.en if spec else metric.name,
        "meaning_zh": spec.zh if spec else metric.name,
        "when": local_time(metric.at),
    }
    return _Raised(
        f"{key}:{milestone}",
        key,
        values,
        metric_facts(metric, subject),
        metric.at,
        (metric.event_id,),
        illustrative=metric.illustrative,
        plain_title=f"{key} = {metric.value}",
    )


def _of_health(health: SourceHealth) -> _Raised:
    outage = health.last_healthy_at.isoformat() if health.last_healthy_at else "never-healthy"
    return _Raised(
        f"{health.source_id}:{health.state}:{outage}",
        health.source_id,
        {"health": health, "when": local_time(health.at)},
        health_facts(health),
        health.at,
        url=health.url or None,
        plain_title=f"{health.source_id}: {health.state}",
    )


def _alert(rule: RuleBase, raised: _Raised) -> Alert:
    texts: dict[str, str] = {}
    labels = dict(raised.labels)
    for name, source in rule.templates.items():
        try:
            texts[name] = fill(source, raised.values)
        except TemplateFault as fault:
            # A template that fails on one fact must not cost somebody the alert: the plain title goes out instead.
            labels["template_fault"] = f"{name}: {fault}"
    labels |= {name: text for name, text in texts.items() if name in {"title_zh", "text_zh"} and text}
    return Alert(
        alert_id=f"{rule.id}:{raised.fact_id}",
        rule_id=rule.id,
        severity=rule.severity,
        title=texts.get("title") or raised.plain_title,
        text=texts.get("text", ""),
        subject=raised.subject,
        labels=labels,
        event_ids=raised.event_ids,
        url=raised.url,
        raised_at=raised.at,
        illustrative=raised.illustrative,
    )
