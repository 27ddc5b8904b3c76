"""The rules: what a person asks to be told, one file for each kind of rule."""

from alerts.rules.absence import AbsenceRule
from alerts.rules.base import EVENT_TYPES, RuleBase
from alerts.rules.deadline import DeadlineRule
from alerts.rules.event import EventRule, WatchList
from alerts.rules.health import HealthRule
from alerts.rules.load import DEFAULT_RULES, AnyRule, load_rules
from alerts.rules.metric import Change, MetricRule, Rank, ZScore

__all__ = [
    "DEFAULT_RULES",
    "EVENT_TYPES",
    "AbsenceRule",
    "AnyRule",
    "Change",
    "DeadlineRule",
    "EventRule",
    "HealthRule",
    "MetricRule",
    "Rank",
    "RuleBase",
    "WatchList",
    "ZScore",
    "load_rules",
]
