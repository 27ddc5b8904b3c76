"""The tags of an alert: ids that routes, subscriptions, silences and grouping look at, where its labels are words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerts.facts import entity_ids
from events.event import EventBase
from events.messages import Metric, SourceHealth

Tags = dict[str, tuple[str, ...]]


def event_tags(event: EventBase, kind: str = "event") -> Tags:
    """``kind``, ``type``, ``source``, ``sector``, ``scenario``, ``modality``, ``entity``, ``province``, ``class``, ``ai``."""
    said = event.labels
    found: Mapping[str, Iterable[object]] = {
        "kind": (kind,),
        "type": (getattr(event, "type", ""),),
        "source": (event.source_id,),
        "sector": (said.sector.value,),
        "modality": (said.modality.value,),
        "scenario": said.scenario,
        "entity": dict.fromkeys(entity_ids(event)),
        "province": (getattr(event, "province", "") or "",),
        "class": (getattr(event, "device_class", "") or "",),
        "ai": ("yes" if said.is_ai else "no",),
    }
    return _kept(found)


def metric_tags(metric: Metric) -> Tags:
    """``kind``, ``metric`` and the dimensions of the series; companies and products are ``entity``, too."""
    entities = tuple(metric.dims[name] for name in ("company", "product") if name in metric.dims)
    dims = {name: (value,) for name, value in metric.dims.items()}
    return _kept({"kind": ("metric",), "metric": (metric.name,), "entity": entities, **dims})


def health_tags(health: SourceHealth, kind: str) -> Tags:
    """``kind`` (``health`` or ``overdue``), ``source``, ``state`` and ``outcome``."""
    found = {"source": (health.source_id,), "state": (health.state.value,), "outcome": (health.outcome.value,)}
    return _kept({"kind": (kind,), **found})


def _kept(found: Mapping[str, Iterable[object]]) -> Tags:
    texts = {name: tuple(str(value) for value in values if str(value)) for name, values in found.items()}
    return {name: values for name, values in texts.items() if values}
