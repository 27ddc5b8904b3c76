"""From what the rules found to the topic ``alerts``: only what is new or says something new, and remembered only after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from redis.exceptions import WatchError

from alerts.conditions import Condition, Report, Turn, turned
from alerts.merge import merged
from alerts.rules_memory import RulesMemory
from alerts.stages.dedupe import fingerprint
from events.clock import Clock
from events.kafka import Publisher
from events.messages import Alert
from events.wire import record


class Raiser:
    """Publishes alerts. A crash between the broker and the memory repeats a message, whose id is the same: harmless."""

    def __init__(self, memory: RulesMemory, publisher: Publisher, clock: Clock, stage: str) -> None:
        self._memory = memory
        self._publisher = publisher
        self._clock = clock
        self._stage = stage

    async def turn(self, reports_on: Callable[[Mapping[str, Condition]], Sequence[Report]]) -> None:
        """Change conditions by reports: publish what begins or ends, then write; again where somebody was quicker."""
        while True:
            before = await self._memory.conditions()
            after: dict[str, Condition | None] = {}
            alerts: list[Alert] = []
            for report in reports_on(before):
                known = after[report.key] if report.key in after else before.get(report.key)
                turn: Turn = turned(known, report, self._clock.now())
                after[report.key] = turn.condition
                alerts += turn.alerts
            await self.publish(alerts)
            with suppress(WatchError):
                if await self._memory.turn(before, after):
                    return

    async def publish(self, alerts: Sequence[Alert]) -> None:
        """Publish the alerts that are new or say something new; then remember them."""
        known = await self._memory.known(alert.alert_id for alert in alerts)
        news: dict[str, Alert] = {}
        for alert in alerts:
            before = news.get(alert.alert_id) or known.get(alert.alert_id)
            after = merged(before, alert)
            if before is None or _differs(before, after):
                news[alert.alert_id] = after
        if news:
            await self._publisher.send_until_done([record(alert) for alert in news.values()], self._stage)
            await self._memory.raised(news.values(), sum(ident not in known for ident in news))


def _differs(before: Alert, after: Alert) -> bool:
    """Whether a change of an alert is worth a message on the topic: its words, its end, or one more source."""
    return fingerprint(before) != fingerprint(after) or before.sources != after.sources
