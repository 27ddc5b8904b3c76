"""Routing cases: an alert goes in, who is told and why comes out. Files of them are tests of a routes file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import Field, TypeAdapter

from alerts.configuration import Strict, load_tables
from alerts.routes import Routing
from alerts.stages.flush import World, flush
from alerts.stages.group import Member, joined, opened
from alerts.stages.route import Way
from events.base import Severity
from events.clock import SHANGHAI
from events.messages import Alert, AlertStatus, Matchers, Reason, Silence

NOON = "2024-03-06T12:00:00"
"""A Wednesday that is worked: when a case does not say otherwise."""


class Given(Strict):
    """An alert of a case: what is not given is of no matter."""

    rule: str = "rule"
    severity: Severity = Severity.NOTICE
    title: str = "an alert"
    standing: bool = False
    resolved: bool = False
    labels: dict[str, str] = Field(default_factory=dict)
    tags: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class Expected(Strict):
    """``told``: receiver → why it is told now, or with its next digest. ``kept_back``: receiver → words of why it is not.

    Whoever is in neither must not be reached.
    """

    told: dict[str, Reason] = Field(default_factory=dict)
    kept_back: dict[str, str] = Field(default_factory=dict)


class Case(Strict):
    """One case. ``holding`` are alerts that hold meanwhile, ``silences`` what somebody has silenced.

    ``at`` is a civil time in Shanghai.
    """

    id: str
    alert: Given
    expect: Expected
    at: datetime = datetime.fromisoformat(NOON)
    holding: tuple[Given, ...] = ()
    silences: tuple[Matchers, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an alert for one receiver: the reason that it is told for now, or why it is not."""

    receiver: str
    route: str
    group: str
    told: str = ""
    muted: str = ""
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case and what is wrong with it; nothing, if it passed."""

    case: Case
    outcomes: tuple[Outcome, ...]
    wrong: tuple[str, ...] = field(default=())


def load_cases(path: Path) -> tuple[Case, ...]:
    """The ``[[case]]`` tables of a TOML file. Raises `alerts.configuration.ConfigurationError`."""
    return load_tables(path, "case", TypeAdapter(Case), tuple(Case.model_fields))


def outcomes(
    alert: Alert, routing: Routing, now: datetime, holding: Sequence[Alert] = (), silences: Sequence[Silence] = ()
) -> tuple[Outcome, ...]:
    """What the stages would do with an alert that arrives now and waits for nobody, for each receiver."""
    world = World(
        now=now,
        alerts={alert.alert_id: alert},
        holding=tuple(holding),
        inhibitions=routing.inhibitions,
        silences=tuple(silences),
        times=routing.times,
    )
    return tuple(_outcome(alert, way, world) for way in routing.tree.targets(alert))


def judged(case: Case, routing: Routing) -> Verdict:
    """Play a case through the stages."""
    now = case.at.replace(tzinfo=SHANGHAI).astimezone(UTC)
    found = outcomes(
        _alert(case.alert, "the-alert", now),
        routing,
        now,
        [_alert(given, f"holding-{n}", now) for n, given in enumerate(case.holding)],
        [_silence(match, n, now) for n, match in enumerate(case.silences)],
    )
    return Verdict(case, found, tuple(_wrong(case.expect, found)))


def _outcome(alert: Alert, way: Way, world: World) -> Outcome:
    group = joined(opened(way, alert, world.now), Member(alert_id=alert.alert_id))
    flushed = flush(group, way, world)
    told = flushed.parcels[0].reason.value if flushed.parcels else ""
    muted = "" if told else "; ".join(step.text for step in flushed.steps)
    wait = 0.0 if way.digest else way.group_wait
    return Outcome(way.receiver, way.route, group.key, told, muted, wait)


def _wrong(expect: Expected, found: Sequence[Outcome]) -> list[str]:
    told = {one.receiver: one.told for one in found if one.told}
    wanted = {receiver: reason.value for receiver, reason in expect.told.items()}
    kept = {one.receiver: one.muted for one in found if not one.told}
    wrong = [] if told == wanted else [f"told: {_words(told)}; expected: {_words(wanted)}"]
    if kept.keys() != expect.kept_back.keys() or any(words not in kept[who] for who, words in expect.kept_back.items()):
        wrong.append(f"kept back: {_words(kept)}; expected: {_words(expect.kept_back)}")
    return wrong


def _words(found: Mapping[str, str]) -> str:
    return ", ".join(f"{receiver} ({why})" for receiver, why in sorted(found.items())) or "nobody"


def _alert(given: Given, ident: str, now: datetime) -> Alert:
    return Alert(
        alert_id=ident,
        rule_id=given.rule,
        severity=given.severity,
        title=given.title,
        text="",
        subject=ident,
        raised_at=now,
        labels=given.labels,
        tags=given.tags,
        standing=given.standing,
        status=AlertStatus.RESOLVED if given.resolved else AlertStatus.FIRING,
    )


def _silence(match: Matchers, number: int, now: datetime) -> Silence:
    hour = timedelta(hours=1)
    return Silence(
        silence_id=f"silence-{number}",
        match=match,
        author="the case",
        comment="a case",
        created_at=now - hour,
        starts_at=now - hour,
        ends_at=now + hour,
    )
