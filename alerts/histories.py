"""The earlier values that metric rules look at, read from the view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from alerts.decide import Fact, same_series
from alerts.judge import History, Key, needed_days
from alerts.rules import MetricRule, RuleBase
from events.messages import Metric
from events.view.reader import View
from events.wire import metric_key


class Histories:
    """Reads what the rules need, and nothing where no rule needs any."""

    def __init__(self, view: View, rules: Sequence[RuleBase]) -> None:
        self._view = view
        kinds = {"change", "zscore", "rank"}
        self._rules = [rule for rule in rules if isinstance(rule, MetricRule) and rule.kind in kinds]

    async def of(self, facts: Iterable[Fact]) -> dict[Key, History]:
        """The histories for these facts, by rule and series, as of the day of the latest fact of each."""
        found: dict[Key, History] = {}
        for fact in facts:
            if isinstance(fact, Metric):
                for rule in self._rules:
                    if same_series(fact, rule):
                        found[rule.id, metric_key(fact.name, fact.dims)] = await self._history(fact, rule)
        return found

    @staticmethod
    def for_rule(found: Mapping[Key, History], rule: MetricRule, fact: Metric) -> History:
        """The history of one rule and series; an empty one where it needs none."""
        return found.get((rule.id, metric_key(fact.name, fact.dims)), History())

    async def _history(self, fact: Metric, rule: MetricRule) -> History:
        if rule.rank is not None:
            (by,) = fact.dims
            return History(table=await self._view.table(fact.name, by, fact.as_of))
        days = needed_days(rule, fact.as_of)
        return History(values=tuple(await self._view.history(fact.name, days, fact.dims)))
