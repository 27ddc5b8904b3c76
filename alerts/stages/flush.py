"""A group whose time has come, through every stage: what is told now, what is kept back and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from alerts.stages import dedupe, silence
from alerts.stages.active import Times, may_speak, opens_at
from alerts.stages.group import Group, Member, rested
from alerts.stages.inhibit import Inhibition, inhibitor
from alerts.stages.parcel import Parcel, cut
from alerts.stages.route import Way
from alerts.stages.throttle import free_at, remembered
from alerts.texts import local_time
from events.base import Severity
from events.messages import Alert, AlertStatus, Reason, Silence

MOST_ALERTS = 400
"""One message tells no more than this many alerts."""
UNHEARD = "ended before anybody was told: nothing to tell"


@dataclass(frozen=True, slots=True)
class World:
    """What the stages look at beside the group, as it is at ``now`` (aware).

    ``holding`` are the alerts that may inhibit, ``ended_told`` the silences whose end the receiver was told, ``sent_at`` when
    (seconds since the epoch) it was last sent something.
    """

    now: datetime
    alerts: Mapping[str, Alert]
    holding: tuple[Alert, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    silences: tuple[Silence, ...] = ()
    acked: frozenset[str] = frozenset()
    ended_told: frozenset[str] = frozenset()
    times: Mapping[str, Times] = field(default_factory=dict)
    sent_at: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A line for the path of an alert."""

    alert_id: str
    stage: str
    text: str


@dataclass(frozen=True, slots=True)
class Flushed:
    """What came of it. ``group`` is None when nothing is left of it; ``suppressed`` are alerts kept back for good, and why."""

    group: Group | None
    parcels: tuple[Parcel, ...] = ()
    steps: tuple[Said, ...] = ()
    suppressed: tuple[tuple[Alert, str], ...] = ()
    sent_at: tuple[float, ...] | None = None


@dataclass(slots=True)
class _Sorted:
    """The members after inhibit and silence: those that may be told, those that wait, and what came of the rest."""

    free: list[Member] = field(default_factory=list)
    kept: list[Member] = field(default_factory=list)
    steps: list[Said] = field(default_factory=list)
    suppressed: list[tuple[Alert, str]] = field(default_factory=list)

    def flushed(self, group: Group | None, *more: Said) -> Flushed:
        return Flushed(group, (), (*self.steps, *more), tuple(self.suppressed))


def flush(group: Group, way: Way, world: World) -> Flushed:
    """Look at a group now. The group comes back with the time at which it is looked at next."""
    found = _muted(group, world)
    group = group.model_copy(update={"members": tuple(found.kept + found.free)})
    if not group.members:
        return found.flushed(_resting(group, way, world, bool(found.suppressed)))
    if not may_speak(world.now, way.active_times, way.mute_times, world.times):
        until = opens_at(world.now, way.active_times, way.mute_times, world.times)
        later, said = _waiting(group, found.free, until, "time")
        return found.flushed(later, *said)
    why = {member.alert_id: _why(member, group, way, world) for member in found.free}
    reasons = {alert_id: reason for alert_id, reason in why.items() if reason is not None}
    free_from = _throttled(reasons, way, world)
    if free_from is not None:
        told = [member for member in found.free if member.alert_id in reasons]
        later, said = _waiting(group, told, free_from, "throttle")
        return found.flushed(later, *said)
    return _told(group, way, world, found, reasons)


def _throttled(reasons: Mapping[str, Reason], way: Way, world: World) -> datetime | None:
    """When the receiver may be sent the next message; None where that is now."""
    if not reasons:
        return None
    now = world.now.timestamp()
    loudest = max((world.alerts[i].severity for i in reasons), key=list(Severity).index)
    at = free_at(world.sent_at, way.throttle, loudest, now)
    return datetime.fromtimestamp(at, UTC) if at > now else None


def _muted(group: Group, world: World) -> _Sorted:
    found = _Sorted()
    for member in group.members:
        alert = world.alerts.get(member.alert_id)
        if alert is None:
            continue
        stage, why = _mute(alert, world)
        if not why:
            found.free.append(member)
            continue
        if member.held != why:
            found.steps.append(Said(alert.alert_id, stage, why))
        if not alert.standing:
            found.suppressed.append((alert, why))
        elif alert.status is AlertStatus.FIRING:
            found.kept.append(member.model_copy(update={"held": why}))
        elif member.told:
            found.steps.append(Said(alert.alert_id, stage, "ended meanwhile: its end is not told"))
        else:
            found.suppressed.append((alert, f"{why}; ended meanwhile"))
    return found


def _mute(alert: Alert, world: World) -> tuple[str, str]:
    if why := inhibitor(alert, world.holding, world.inhibitions, world.now.timestamp()):
        return "inhibit", why
    return "silence", silence.silenced(alert, world.silences, world.now) or ""


def _why(member: Member, group: Group, way: Way, world: World) -> Reason | None:
    acked = member.alert_id in world.acked
    return dedupe.reason_of(member, world.alerts[member.alert_id], way, group.sent, acked, world.now)


def _waiting(group: Group, members: list[Member], until: datetime, stage: str) -> tuple[Group, list[Said]]:
    """The group put off until later, and the lines for those that now wait for another reason than before."""
    what = "not now: outside its active times" if stage == "time" else "the receiver has had its share"
    text = f"{what}, waits until {local_time(until)}"
    waits = {member.alert_id for member in members if not member.told and member.held != text}
    held = [m.model_copy(update={"held": text}) if m.alert_id in waits else m for m in group.members]
    later = group.model_copy(update={"flush_at": until, "members": tuple(held)})
    return later, [Said(alert_id, stage, text) for alert_id in sorted(waits)]


def _resting(group: Group, way: Way, world: World, anything: bool) -> Group | None:
    """An empty group stays for one interval after something happened, so that what follows closely is told as more of it."""
    if way.digest or not anything:
        return None
    return group.model_copy(update={"flush_at": rested(way, world.now), "members": ()})


def _told(group: Group, way: Way, world: World, found: _Sorted, reasons: dict[str, Reason]) -> Flushed:
    """Dedupe has spoken: the messages, and the group as it is once they are in the outbox."""
    marked = [_marked(member, world, member.alert_id in reasons) for member in found.free]
    anything = bool(found.suppressed)
    ended = {member.alert_id for member in marked if dedupe.is_over(member, world.alerts[member.alert_id])}
    untold = [member.alert_id for member in marked if member.alert_id in ended and not member.told]
    found.steps += [Said(i, "dedupe", UNHEARD) for i in untold]
    found.suppressed += [(world.alerts[i], UNHEARD) for i in untold]
    left = [member for member in marked if member.alert_id not in ended]
    parcels = _parcels(group, way, world, reasons)
    for parcel in parcels:
        said = f"in message {parcel.message_id}"
        found.steps += [Said(a.alert_id, "deliver", f"{parcel.reason_of(a)}: {said}") for a in parcel.alerts]
    members = () if parcels and way.digest else tuple(found.kept + left)
    group = group.model_copy(update={"sent": group.sent + len(parcels), "members": members})
    if members:
        after: Group | None = group.model_copy(update={"flush_at": _next(group, way, world)})
    else:
        after = _resting(group, way, world, bool(parcels) or anything)
    sent_at = remembered(world.sent_at, way.throttle, world.now.timestamp()) if parcels else None
    return Flushed(after, parcels, tuple(found.steps), tuple(found.suppressed), sent_at)


def _next(group: Group, way: Way, world: World) -> datetime:
    """The next look, at the latest when a repeat is due: an interval that does not divide the repeat must not delay it."""
    rest = rested(way, world.now)
    if way.digest:
        return rest
    repeats = [m.told_at + timedelta(seconds=way.repeat_interval) for m in group.members if m.told_at is not None]
    return min([rest, *(at for at in repeats if at > world.now)])


def _marked(member: Member, world: World, told: bool) -> Member:
    if not told:
        return member
    alert = world.alerts[member.alert_id]
    return member.model_copy(update={"told": dedupe.fingerprint(alert), "told_at": world.now, "held": ""})


def _parcels(group: Group, way: Way, world: World, reasons: dict[str, Reason]) -> tuple[Parcel, ...]:
    if not reasons:
        return ()
    alerts = sorted((world.alerts[i] for i in reasons), key=lambda a: (a.raised_at, a.alert_id))
    over = silence.ended(alerts, world.silences, world.ended_told, world.now)
    whole = Parcel(
        message_id=f"{group.thread}#{group.sent + 1}",
        receiver=group.receiver,
        alerts=tuple(alerts),
        reason=dedupe.foremost(list(reasons.values())),
        reasons=reasons,
        route=group.route,
        group_key=group.key,
        group_labels=group.labels,
        thread_key=group.thread,
        number=group.sent + 1,
        notes=tuple(silence.told_of_end(one) for one in over),
        digest=way.digest or "",
        since=group.since if way.digest else None,
        until=world.now if way.digest else None,
        silences=tuple(one.silence_id for one in over),
    )
    return tuple(cut(whole, MOST_ALERTS))
