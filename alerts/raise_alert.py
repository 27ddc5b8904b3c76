"""An alert from what a rule found: its id, its words, what is attached to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.rules.base import RuleBase
from alerts.tags import Tags
from alerts.texts import TemplateFault, bare, fill
from events.event import EventBase
from events.messages import Alert, AlertSource


@dataclass(frozen=True, slots=True)
class Raised:
    """What a rule found: the part of the id that names the fact, who it is about, and what the templates may read."""

    fact_id: str
    subject: str
    values: Mapping[str, object]
    labels: Mapping[str, str]
    at: datetime
    event_ids: tuple[str, ...] = ()
    url: str | None = None
    illustrative: bool = False
    plain_title: str = ""
    tags: Tags = field(default_factory=dict)
    sources: tuple[AlertSource, ...] = ()
    standing: bool = False


def alert_of(rule: RuleBase, raised: Raised) -> Alert:
    """The alert. A template that fails on one fact costs nobody the alert: the plain title goes out instead."""
    texts: dict[str, str] = {}
    labels, values = dict(raised.labels), bare(raised.values)
    for name, source in rule.templates.items():
        try:
            texts[name] = fill(source, values)
        except TemplateFault as fault:
            labels["template_fault"] = f"{name}: {fault}"
    labels |= {name: text for name, text in texts.items() if name in {"title_zh", "text_zh"} and text}
    labels |= rule.labels
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
        standing=raised.standing,
        tags=raised.tags | {name: (value,) for name, value in rule.labels.items()},
        sources=raised.sources,
    )


def sources_of(event: EventBase) -> tuple[AlertSource, ...]:
    """Where the fact was seen: the places that the event keeps, or its own."""
    own = AlertSource(source_id=event.source_id, url=event.url, at=event.detected_at)
    kept = tuple(
        AlertSource(source_id=one.source_id, url=one.url, at=getattr(one, "detected_at", event.detected_at))
        for one in getattr(event, "sources", ())
    )
    return kept or (own,)
