"""The rules: from the topics ``events``, ``metrics`` and ``source-health`` to the topic ``alerts``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from redis.asyncio import Redis

from alerts.dead import bury
from alerts.decide import Fact, alerts_of
from alerts.rules import RuleBase
from events.clock import Clock
from events.consume import consume
from events.consumed import Consumed
from events.kafka import Publisher
from events.messages import Alert, Metric, SourceHealth
from events.topics import EVENTS, METRICS, SOURCE_HEALTH
from events.view import layout
from events.view.reader import View
from events.wire import Unreadable, decode, decode_event, record

STAGE = "rules"


class RulesRoom:
    """One process of the group. An alert that was raised once is not published again."""

    def __init__(
        self, bootstrap: str, redis: Redis, clock: Clock, rules: Sequence[RuleBase], publisher: Publisher
    ) -> None:
        self._bootstrap = bootstrap
        self._redis = redis
        self._clock = clock
        self._rules = tuple(rules)
        self._publisher = publisher

    async def run(self, stop: asyncio.Event) -> None:
        """Read the topics until ``stop``."""
        await consume(
            self._bootstrap, layout.RULES, [EVENTS, METRICS, SOURCE_HEALTH], self.take, stop=stop, redis=self._redis
        )

    async def take(self, messages: list[Consumed]) -> None:
        """Judge a batch. An alert is remembered only after the broker has it: a crash between repeats it, harmlessly."""
        facts = [fact for message in messages if (fact := await self._read(message)) is not None]
        names = await self._names(facts)
        raised: dict[str, Alert] = {}
        for fact in facts:
            for alert in alerts_of(fact, self._rules, names):
                raised.setdefault(alert.alert_id, alert)
        fresh = await self._fresh(list(raised.values()))
        if not fresh:
            return
        await self._publisher.send_until_done([record(alert) for alert in fresh], STAGE)
        async with self._redis.pipeline(transaction=True) as pipe:
            for alert in fresh:
                pipe.hsetnx(layout.ALERTS, alert.alert_id, alert.model_dump_json())
            pipe.hincrby(layout.COUNTERS, "alerts_raised", len(fresh))
            await pipe.execute()

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

    async def _fresh(self, alerts: Sequence[Alert]) -> list[Alert]:
        if not alerts:
            return []
        known = await self._redis.hmget(layout.ALERTS, [alert.alert_id for alert in alerts])
        return [alert for alert, raw in zip(alerts, known, strict=True) if raw is None]
