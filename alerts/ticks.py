"""What only the passing of time tells: that nothing came, and that a day comes near. Pure; ids are made of facts alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from alerts.conditions import Report
from alerts.decide import event_values, meets
from alerts.durations import in_words
from alerts.facts import event_facts
from alerts.raise_alert import Raised, alert_of, sources_of
from alerts.rules import AbsenceRule, DeadlineRule
from alerts.rules.deadline import deadline_of
from alerts.tags import event_tags
from alerts.texts import local_time
from events.clock import SHANGHAI, shanghai_day
from events.event import EventBase
from events.messages import Alert

NINE_OF_TEN = 0.9


def absence(rule: AbsenceRule, times: Sequence[float], began: datetime, now: datetime) -> Report:
    """Whether nothing came for too long. ``times`` are those of the events, in seconds since the epoch, in any order.

    ``began`` is when the rule was first looked at: without any event, that is when the waiting began.
    """
    limit = limit_of(rule, times)
    last = datetime.fromtimestamp(max(times), UTC) if times else began
    if limit is None or (now - last).total_seconds() <= limit:
        return Report(rule.id, now, None, rule.holds_for, named=True)
    values = {
        "last": local_time(last) if times else "",
        "gap": in_words((now - last).total_seconds() // 3600 * 3600),
        "limit": in_words(limit),
        "count": len(times),
        "when": local_time(now),
    }
    tags = {"kind": ("absence",), "type": rule.types, "source": rule.sources}
    raised = Raised(
        f"since:{last.isoformat()}",
        rule.id,
        values,
        {"last_seen": local_time(last)} if times else {},
        last + timedelta(seconds=limit),
        plain_title=f"{rule.id}: nothing since {local_time(last)}",
        tags={name: found for name, found in tags.items() if found},
        standing=True,
    )
    return Report(rule.id, now, alert_of(rule, raised), rule.holds_for, named=True)


def limit_of(rule: AbsenceRule, times: Sequence[float]) -> float | None:
    """For how long (seconds) nothing may come; None while too little is known to say."""
    if rule.longer_than is not None:
        return rule.longer_than
    if len(times) < rule.least:
        return None
    ordered = sorted(times)
    gaps = sorted(after - before for before, after in pairwise(ordered))
    return rule.factor * gaps[min(len(gaps) - 1, int(NINE_OF_TEN * len(gaps)))]


def deadlines(rule: DeadlineRule, events: Iterable[EventBase], now: datetime) -> Iterator[Alert]:
    """The alerts that are due for the last days of these events."""
    today = shanghai_day(now)
    for event in events:
        last = deadline_of(event)
        if last is None or last < today or event.retracted or not meets(event, rule):
            continue
        passed = [n for n in rule.days if _due(rule, last - timedelta(days=n)) <= now]
        if not passed:
            continue
        days = min(passed)
        due = _due(rule, last - timedelta(days=days))
        left = (last - today).days
        values = {**event_values(event), "deadline": last.isoformat(), "days_left": left}
        raised = Raised(
            f"{event.event_id}:{last.isoformat()}-{days}",
            event.event_id,
            values,
            event_facts(event),
            max(due, event.detected_at),
            (event.event_id,),
            event.url,
            event.illustrative,
            plain_title=f"{event.title}: closes on {last.isoformat()}",
            tags=event_tags(event, "deadline"),
            sources=sources_of(event),
        )
        yield alert_of(rule, raised)


def _due(rule: DeadlineRule, day: date) -> datetime:
    return datetime.combine(day, time.fromisoformat(rule.at), SHANGHAI)
