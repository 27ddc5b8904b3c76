"""The rules: from the topics ``events``, ``metrics`` and ``source-health`` to the topic ``alerts``, and from the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from redis.asyncio import Redis
from redis.exceptions import RedisError

from alerts.conditions import Condition, Report
from alerts.dead import bury
from alerts.decide import Fact, alerts_of, meets
from alerts.histories import Histories
from alerts.judge import moves, reports_of
from alerts.raiser import Raiser
from alerts.rules import AbsenceRule, DeadlineRule, HealthRule, MetricRule, RuleBase
from alerts.rules.deadline import deadline_of
from alerts.rules_memory import RulesMemory
from alerts.ticks import absence, deadlines
from events.clock import Clock, shanghai_day
from events.consume import consume
from events.consumed import Consumed
from events.event import EventBase
from events.kafka import Publisher
from events.messages import Alert, Metric, SourceHealth
from events.topics import EVENTS, METRICS, SOURCE_HEALTH
from events.tracing import Span, spans
from events.view import layout
from events.view.reader import View
from events.wire import Unreadable, decode, decode_event

STAGE = "rules"
TICK_SECONDS = 30.0
"""How often, by the clock, it is looked whether time alone tells something."""

LOOK_SECONDS = 5.0
"""And how often at least in the machine's own time, where the clock is one that stands still."""

LEASE_SECONDS = 120.0


class RulesRoom:
    """One process of the group. An alert that was raised once is published again only when it has changed."""

    def __init__(
        self, bootstrap: str, redis: Redis, clock: Clock, rules: Sequence[RuleBase], publisher: Publisher
    ) -> None:
        self._bootstrap = bootstrap
        self._redis = redis
        self._clock = clock
        self._rules = tuple(rules)
        self._publisher = publisher
        self._memory = RulesMemory(redis)
        self._histories = Histories(View(redis), self._rules)
        self._raiser = Raiser(self._memory, publisher, clock, STAGE)

    async def run(self, stop: asyncio.Event) -> None:
        """Read the topics until ``stop``."""
        await consume(
            self._bootstrap, layout.RULES, [EVENTS, METRICS, SOURCE_HEALTH], self.take, stop=stop, redis=self._redis
        )

    async def watch(self, stop: asyncio.Event) -> None:
        """Look at what time alone tells, until ``stop``, while this process holds the lease."""
        lease = self._memory.lease(LEASE_SECONDS)
        try:
            while not stop.is_set():
                if await lease.acquire() or await lease.owned():
                    await self.tick()
                    await lease.reacquire()
                await self._rest(stop)
        finally:
            with suppress(RedisError):
                await lease.release()

    async def take(self, messages: list[Consumed]) -> None:
        """Judge a batch. An alert is remembered only after the broker has it: a crash between repeats it, harmlessly."""
        read = [(message, fact) for message in messages if (fact := await self._read(message)) is not None]
        with spans(STAGE, [(message.trace, _about(fact)) for message, fact in read]) as steps:
            await self._judge([fact for _, fact in read], steps)

    async def _judge(self, facts: Sequence[Fact], steps: Sequence[Span]) -> None:
        names = await self._names(facts)
        histories = await self._histories.of(facts)
        pairs = list(zip(facts, steps, strict=True))
        happened = [
            _traced(alert, step)
            for fact, step in pairs
            if not isinstance(fact, SourceHealth)
            for alert in alerts_of(fact, self._rules, names)
        ]
        for fact, step in pairs:
            if isinstance(fact, Metric):
                ranked = (rule for rule in self._rules if isinstance(rule, MetricRule))
                for rule in ranked:
                    moved = moves(fact, rule, names, self._histories.for_rule(histories, rule, fact))
                    happened += [_traced(alert, step) for alert in moved]
        reports = [
            replace(report, alert=_traced(report.alert, step)) if report.alert else report
            for fact, step in pairs
            for report in reports_of(fact, self._rules, names, histories)
        ]
        await self._remember([fact for fact in facts if isinstance(fact, EventBase)])
        await self._raiser.publish(happened)
        if reports:
            await self._raiser.turn(lambda _: reports)

    async def tick(self) -> None:
        """What the clock tells now: conditions whose time is up, absences, days that come near."""
        now = self._clock.now()
        for rule in self._rules:
            if isinstance(rule, AbsenceRule):
                times = await self._memory.times(rule.id)
                report = absence(rule, times, await self._memory.began(rule.id, now), now)
                await self._raiser.turn(lambda _, report=report: [report])  # type: ignore[misc]
        due = [rule for rule in self._rules if isinstance(rule, DeadlineRule)]
        events = await self._memory.watched() if due else []
        await self._raiser.publish([alert for rule in due for alert in deadlines(rule, events, now)])
        await self._memory.forget(event.event_id for event in events if _is_past(event, self._clock))
        await self._raiser.turn(self._ripening)

    def _ripening(self, held: Mapping[str, Condition]) -> list[Report]:
        """Every condition that is not told yet, reported again as it is, so that its time may be up."""
        waits = {rule.id: rule.holds_for for rule in self._rules if isinstance(rule, HealthRule | MetricRule)}
        return [
            Report(one.key, one.since, one.alert, waits[one.alert.rule_id])
            for one in held.values()
            if not one.told and one.alert.rule_id in waits
        ]

    async def _remember(self, events: Sequence[EventBase]) -> None:
        """What absence and deadline rules need to know later."""
        for rule in self._rules:
            if isinstance(rule, AbsenceRule):
                mine = [event for event in events if meets(event, rule)]
                times = {e.event_id: _time(e) for e in mine if not e.retracted}
                await self._memory.note(rule.id, times, [e.event_id for e in mine if e.retracted])
        rules = [rule for rule in self._rules if isinstance(rule, DeadlineRule)]
        dated = [e for e in events if rules and (e.retracted or not _is_past(e, self._clock))]
        closing = [e for e in dated if deadline_of(e) is not None and any(meets(e, rule) for rule in rules)]
        if closing:
            await self._memory.watch(closing)

    async def _read(self, message: Consumed) -> Fact | None:
        if not message.value:
            return None  # a tombstone: compaction forgets the key, nothing happened in the sector
        try:
            match message.topic:
                case METRICS.name:
                    return decode(Metric, message.value)
                case SOURCE_HEALTH.name:
                    return decode(SourceHealth, message.value)
                case _:
                    return decode_event(message.value)
        except Unreadable as error:
            await bury(message, STAGE, error, self._publisher, self._redis, self._clock)
            return None

    async def _names(self, facts: Sequence[Fact]) -> Mapping[str, str]:
        return await View(self._redis).names() if any(isinstance(fact, Metric) for fact in facts) else {}

    async def _rest(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._clock.sleep(TICK_SECONDS))]
        try:
            await asyncio.wait(waits, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pending in waits:
                pending.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def _about(fact: Fact) -> dict[str, str]:
    return {"source_id": fact.source_id} if isinstance(fact, SourceHealth) else {"event_id": fact.event_id}


def _traced(alert: Alert, step: Span) -> Alert:
    """The alert with the trace of the fact that it follows from."""
    step.note(alert_id=alert.alert_id)
    return alert.model_copy(update={"traceparent": step.trace.header}) if step.trace else alert


def _time(event: EventBase) -> float:
    return (event.published_at or event.event_time or event.detected_at).timestamp()


def _is_past(event: EventBase, clock: Clock) -> bool:
    last = deadline_of(event)
    return last is None or last < shanghai_day(clock.now())
