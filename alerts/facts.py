"""The facts of an alert as labels: what a reader wants to see of an event, and how each is called in two languages."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.texts import local_time
from events.base import EntityRef, Money
from events.event import EventBase
from events.messages import Metric, SourceHealth
from events.scenarios import SCENARIOS
from events.wire import metric_key

NAMES: dict[str, tuple[str, str]] = {
    "product": ("Product", "产品"),
    "company": ("Company", "企业"),
    "certificate": ("Certificate", "注册证编号"),
    "device_class": ("Class", "管理类别"),
    "scenario": ("Scenario", "应用场景"),
    "modality": ("Modality", "设备类型"),
    "sector": ("Sector", "领域"),
    "algorithm": ("Algorithm", "算法"),
    "province": ("Province", "省份"),
    "item": ("Item", "项目"),
    "price": ("Price", "价格"),
    "exchange": ("Exchange", "交易所"),
    "stage": ("Stage", "阶段"),
    "number": ("Number", "编号"),
    "comments_close": ("Comments close", "意见截止"),
    "window_end": ("Publicity ends", "公示截止"),
    "event_time": ("Date", "时间"),
    "value": ("Value", "数值"),
    "series": ("Series", "指标"),
    "outcome": ("Outcome", "结果"),
    "http_status": ("HTTP status", "状态码"),
    "last_healthy": ("Last healthy", "最近正常"),
    "source": ("Source", "来源"),
}
"""Label → its name in English and Chinese, in the order in which facts are shown. Other labels are not shown as facts."""

_FIELDS = {
    "product": ("product_name", "product"),
    "company": ("registrant", "applicant", "company"),
    "certificate": ("certificate_number",),
    "device_class": ("device_class",),
    "province": ("province",),
    "item": ("item_name",),
    "price": ("price",),
    "exchange": ("exchange",),
    "stage": ("stage", "change"),
    "number": ("number", "project_id", "stock_code"),
    "comments_close": ("comments_close",),
    "window_end": ("window_end",),
}


def event_facts(event: EventBase) -> dict[str, str]:
    """The labels of an event's alert: its type, its facts, and ``evidence``, the words of the title that it rests on."""
    facts = {"type": str(getattr(event, "type", "")), "source": event.source_id}
    for label, fields in _FIELDS.items():
        values = [_shown(name, value) for name in fields if (value := getattr(event, name, None)) is not None]
        if values:
            facts[label] = values[0]
    said = event.labels
    facts |= {
        "scenario": ", ".join(" ".join(SCENARIOS.get(s, (s,))) for s in said.scenario),
        "modality": str(said.modality),
        "sector": said.sector.replace("_", " "),
        "algorithm": ", ".join(said.algorithm).replace("_", " "),
        "evidence": " … ".join(_quotes(event)),
    }
    if event.event_time is not None:
        facts["event_time"] = local_time(event.event_time, event.event_time_precision)
    return {label: value for label, value in facts.items() if value and value != "other"}


def metric_facts(metric: Metric, subject: str) -> dict[str, str]:
    """The labels of a metric's alert."""
    return {
        "product" if set(metric.dims) == {"product"} else "subject": subject,
        "series": metric_key(metric.name, metric.dims),
        "value": f"{metric.previous} → {metric.value} {metric.unit}",
        "event_time": metric.as_of.isoformat(),
    }


def health_facts(health: SourceHealth) -> dict[str, str]:
    """The labels of a source's alert."""
    facts = {"source": health.source_id, "outcome": str(health.outcome)}
    if health.http_status is not None:
        facts["http_status"] = str(health.http_status)
    if health.last_healthy_at is not None:
        facts["last_healthy"] = local_time(health.last_healthy_at)
    return facts


def entity_ids(event: EventBase) -> list[str]:
    """The ids of every company and product that the event names."""
    fields = (getattr(event, name) for name in type(event).model_fields)
    return [ref.id for ref in fields if isinstance(ref, EntityRef)] + [ref.id for ref in event.labels.entities]


def _shown(name: str, value: object) -> str:
    match value:
        case int() if name == "device_class":
            return "I" * value
        case EntityRef():
            return value.name
        case Money():
            return value.text
        case _:
            return str(value)


def _quotes(event: EventBase) -> Iterator[str]:
    """The spans of evidence that lie in the title: the event does not carry the body that later ones point into."""
    spans = {(e.start, e.end) for e in event.labels.evidence if 0 <= e.start < e.end <= len(event.title)}
    outer = [s for s in spans if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans)]
    yield from (event.title[start:end] for start, end in sorted(outer))
