"""The rules file. Errors name the file, the line, the rule and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from alerts.configuration import fault, load_tables
from alerts.rules.absence import AbsenceRule
from alerts.rules.deadline import DeadlineRule
from alerts.rules.event import Conditions, EventRule, WatchList
from alerts.rules.health import HealthRule
from alerts.rules.metric import MetricRule

DEFAULT_RULES = Path(__file__).parent.with_name("default_rules.toml")
TABLES = ("rule", "watch_list")
AnyRule = EventRule | MetricRule | HealthRule | AbsenceRule | DeadlineRule
_RULE: TypeAdapter[AnyRule] = TypeAdapter(Annotated[AnyRule, Field(discriminator="on")])
_MODELS = (EventRule, MetricRule, HealthRule, AbsenceRule, DeadlineRule)
_KNOWN = tuple(
    dict.fromkeys(
        info.alias or key for model in _MODELS for key, info in model.model_fields.items() if key != "watched"
    )
)


def load_rules(path: Path = DEFAULT_RULES) -> tuple[AnyRule, ...]:
    """The ``[[rule]]`` tables of a TOML file, with the ``[[watch_list]]`` tables that they name.

    Raises `alerts.configuration.ConfigurationError`.
    """
    lists = load_tables(path, "watch_list", TypeAdapter(WatchList), tuple(WatchList.model_fields), TABLES)
    by_id = {one.id: one for one in lists}
    return tuple(_filled(path, rule, by_id) for rule in load_tables(path, "rule", _RULE, _KNOWN, TABLES))


def _filled(path: Path, rule: AnyRule, lists: dict[str, WatchList]) -> AnyRule:
    if not isinstance(rule, Conditions):
        return rule
    if rule.watched:
        raise fault(path, "rule", rule.id, "watched", "name watch-lists in `watch` instead")
    for name in rule.watch:
        if name not in lists:
            raise fault(path, "rule", rule.id, "watch", f"no [[watch_list]] is called {name!r}; add it to this file")
    return rule.model_copy(update={"watched": tuple(lists[name] for name in rule.watch)})
