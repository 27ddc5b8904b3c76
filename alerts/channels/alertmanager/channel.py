"""Alertmanager: every alert of a message through ``POST /api/v2/alerts``, so that its routes, silences and inhibitions apply.

Rule: Alertmanager's openapi.yaml, ``postableAlert``. An alert is known by its labels, so only what stays the same is a label;
what is told of it is an annotation. It ends by itself ``hold_seconds`` after it was last sent, or at once when it is resolved.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import orjson

from alerts.channels.http import Target, delivered, post
from alerts.message import Message
from alerts.render import safe_link
from alerts.texts import clip, one_line, plain
from events.clock import Clock
from events.messages import Alert, AlertStatus

HOLD_SECONDS = 86_400.0
MAX_VALUE = 2000
_KEPT_AS_LABELS = ("type", "company", "product", "province", "scenario", "source", "exchange")


class AlertmanagerChannel:
    """One Alertmanager; ``target`` is its base URL followed by ``/api/v2/alerts``."""

    def __init__(self, target: Target, clock: Clock, hold_seconds: float = HOLD_SECONDS) -> None:
        self._target = target
        self._clock = clock
        self._hold = hold_seconds

    async def send(self, message: Message) -> str:
        """POST it once; the same alert sent twice is one there. Raises `ChannelError`."""
        now = self._clock.now()
        later = now + timedelta(seconds=self._hold)
        body = orjson.dumps(
            [postable(a, message, now if a.status is AlertStatus.RESOLVED else later) for a in message.alerts]
        )
        answer = await post(self._target, body, {"Content-Type": "application/json"}, self._clock)
        return delivered(answer, "Alertmanager")


def postable(alert: Alert, message: Message, ends: datetime) -> dict[str, Any]:
    """One alert as Alertmanager takes it."""
    labels = {
        "alertname": alert.rule_id,
        "severity": alert.severity.value,
        "subject": alert.subject,
        "alert_id": alert.alert_id,
        "receiver": message.receiver,
        **{name: alert.labels[name] for name in _KEPT_AS_LABELS if alert.labels.get(name)},
    }
    notes = {
        "summary": alert.title,
        "summary_zh": alert.labels.get("title_zh", ""),
        "description": alert.text,
        "description_zh": alert.labels.get("text_zh", ""),
        "evidence": alert.labels.get("evidence", ""),
        "certificate": alert.labels.get("certificate", ""),
        "illustrative": "true" if alert.illustrative else "",
        "possible_duplicate": "true" if message.possible_duplicate else "",
        "drill": "true" if message.drill else "",
        "sources": ", ".join(source.source_id for source in alert.sources),
    }
    made: dict[str, Any] = {
        "labels": {_name(name): clip(one_line(value), MAX_VALUE) for name, value in labels.items() if one_line(value)},
        "annotations": {name: clip(plain(value), MAX_VALUE) for name, value in notes.items() if plain(value).strip()},
        "startsAt": min(alert.raised_at, ends).isoformat(),
        "endsAt": ends.isoformat(),
    }
    if link := safe_link(alert.url):
        made["generatorURL"] = link
    return made


def _name(name: str) -> str:
    """A label name that Prometheus' data model allows."""
    return re.sub(r"[^a-zA-Z0-9_]", "_", name)
