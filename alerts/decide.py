"""Which alerts a fact raises. Pure: a fact and the rules in, alerts with deterministic ids out, so a replay is harmless."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from alerts.facts import entity_ids, event_facts, health_facts, metric_facts
from alerts.raise_alert import Raised, alert_of, sources_of
from alerts.rules import EventRule, HealthRule, MetricRule, RuleBase
from alerts.rules.event import Conditions, WatchList
from alerts.tags import event_tags, health_tags, metric_tags
from alerts.texts import local_time
from events.event import EventBase
from events.ids import normalised
from events.messages import Alert, AlertSource, Metric, SourceHealth
from events.scenarios import SCENARIOS
from events.view.catalog import METRICS
from events.wire import metric_key

Fact = EventBase | Metric | SourceHealth


def alerts_of(fact: Fact, rules: Sequence[RuleBase], names: Mapping[str, str] | None = None) -> list[Alert]:
    """The alerts that ``fact`` raises, in the order of the rules. ``names`` gives entity ids the names that people read.

    The same fact raises alerts of the same ids whenever and wherever it is seen; ``raised_at`` is the fact's own time. What
    needs a history or has to hold for a while is the business of `alerts.conditions`.
    """
    return [alert_of(rule, raised) for rule in rules for raised in _raised(fact, rule, names or {})]


def _raised(fact: Fact, rule: RuleBase, names: Mapping[str, str]) -> Iterator[Raised]:
    match fact, rule:
        case EventBase(), EventRule() if matches(fact, rule):
            yield _of_event(fact, rule)
        case Metric(), MetricRule() if same_series(fact, rule):
            passed = [n for n in rule.milestones or () if fact.previous < n <= fact.value]
            yield from (of_metric(fact, f":{n}", names, milestone=n) for n in passed)
        case SourceHealth(), HealthRule() if rule.holds(fact) and watches(fact, rule):
            yield of_health(fact, rule)


def watches(health: SourceHealth, rule: HealthRule) -> bool:
    """Whether the rule is about this source."""
    return any(fnmatchcase(health.source_id, glob) for glob in rule.sources)


def matches(event: EventBase, rule: EventRule) -> bool:
    """Whether every condition of the rule holds for the event, and its change is the one that is asked for."""
    return _right_change(event, rule) and meets(event, rule)


def meets(event: EventBase, rule: Conditions) -> bool:
    """Whether every condition of the rule holds for the event, whatever changed of it."""
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


_CONDITIONS: tuple[Callable[[EventBase, Conditions], bool], ...] = (
    lambda event, rule: _any_of(rule.types, [getattr(event, "type", "")]),
    lambda event, rule: not rule.device_class or getattr(event, "device_class", None) in rule.device_class,
    lambda event, rule: rule.is_ai is None or event.labels.is_ai == rule.is_ai,
    lambda event, rule: _any_of(rule.sector, [event.labels.sector]),
    lambda event, rule: _any_of(rule.modality, [event.labels.modality]),
    lambda event, rule: _any_of(rule.scenario, event.labels.scenario),
    lambda event, rule: _any_of(rule.algorithm, event.labels.algorithm),
    lambda event, rule: not rule.province or getattr(event, "province", None) in rule.province,
    lambda event, rule: not rule.sources or any(fnmatchcase(event.source_id, glob) for glob in rule.sources),
    lambda event, rule: not rule.entities or _any_of(rule.entities, entity_ids(event)),
    lambda event, rule: not rule.keywords or _says(event, rule.keywords),
    lambda event, rule: not rule.watched or any(_on_list(event, one) for one in rule.watched),
)


def _says(event: EventBase, words: Sequence[str]) -> bool:
    return any(normalised(word) in normalised(event.title) for word in words)


def _on_list(event: EventBase, watched: WatchList) -> bool:
    return bool(set(watched.entities) & set(entity_ids(event))) or _says(event, watched.keywords)


def same_series(metric: Metric, rule: MetricRule) -> bool:
    """Whether the rule is about this series."""
    return (
        metric.name == rule.metric
        and metric.dims.keys() == rule.dims.keys()
        and all(fnmatchcase(value, rule.dims[dim]) for dim, value in metric.dims.items())
    )


def event_values(event: EventBase) -> dict[str, object]:
    """What a template about an event may read."""
    known = [SCENARIOS.get(s, (s, s)) for s in event.labels.scenario]
    at = event.event_time or event.published_at
    return {
        "event": event,
        "when": local_time(at, event.event_time_precision) if at else "",
        "scenarios": ", ".join(en for en, _ in known),
        "scenarios_zh": "、".join(zh for _, zh in known),
    }


def _of_event(event: EventBase, rule: EventRule) -> Raised:
    suffix = {"new": "", "revised": f"@r{event.revision}", "retracted": "@retracted"}[rule.change]
    return Raised(
        event.event_id + suffix,
        event.event_id,
        event_values(event),
        event_facts(event),
        event.detected_at,
        (event.event_id,),
        event.url,
        event.illustrative,
        plain_title=event.title,
        tags=event_tags(event),
        sources=sources_of(event),
    )


def of_metric(metric: Metric, suffix: str, names: Mapping[str, str], **more: object) -> Raised:
    """What is told of a series. ``suffix`` ends the id; ``more`` are values for the templates."""
    key = metric_key(metric.name, metric.dims)
    subject = ", ".join(names.get(value, value) for _, value in sorted(metric.dims.items())) or metric.name
    spec = METRICS.get(metric.name)
    unsaid = dict.fromkeys(("milestone", "limit", "change", "days", "score", "rank", "rank_before"), "")
    values: dict[str, object] = {
        **unsaid,
        "metric": metric,
        "names": dict(names),
        "subject": subject,
        "meaning": spec.en if spec else metric.name,
        "meaning_zh": spec.zh if spec else metric.name,
        "when": local_time(metric.at),
        **more,
    }
    return Raised(
        f"{key}{suffix}",
        key,
        values,
        metric_facts(metric, subject),
        metric.at,
        (metric.event_id,),
        illustrative=metric.illustrative,
        plain_title=f"{key} = {metric.value}",
        tags=metric_tags(metric),
    )


def of_health(health: SourceHealth, rule: HealthRule) -> Raised:
    """What is told of a source. An outage is named by when the source was last well, so that it has one id throughout."""
    kind = "overdue" if rule.overdue else "health"
    # One outage can come and go by its outcome: then each time that it does is one of its own.
    since = health.last_new_at if rule.overdue else health.at if rule.outcomes else health.last_healthy_at
    outage = since.isoformat() if since else f"never-{'new' if rule.overdue else 'healthy'}"
    return Raised(
        f"{health.source_id}:{'overdue' if rule.overdue else health.state}:{outage}",
        health.source_id,
        {"health": health, "when": local_time(health.at)},
        health_facts(health),
        health.at,
        url=health.url or None,
        plain_title=f"{health.source_id}: {kind if rule.overdue else health.state}",
        tags=health_tags(health, kind),
        sources=(AlertSource(source_id=health.source_id, url=health.url, at=health.at),),
        standing=True,
    )
