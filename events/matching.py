"""Which alerts a silence, a route or an inhibition means: names and globs, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from events.messages import Alert

Match = Mapping[str, Sequence[str]]
OWN = ("alert", "rule", "severity", "subject", "status")
"""The names that every alert has beside those of its tags and labels."""


def values(alert: Alert, name: str) -> tuple[str, ...]:
    """What an alert has under a name: its own field, else its tags, else its label; nothing where it has none."""
    match name:
        case "alert":
            return (alert.alert_id,)
        case "rule":
            return (alert.rule_id,)
        case "severity":
            return (alert.severity.value,)
        case "subject":
            return (alert.subject,)
        case "status":
            return (alert.status.value,)
        case _ if name in alert.tags:
            return alert.tags[name]
        case _:
            return (alert.labels[name],) if name in alert.labels else ()


def matches(match: Match, alert: Alert) -> bool:
    """Whether every name of ``match`` has a value that one of its globs matches. An empty ``match`` matches everything."""
    return all(_any(globs, values(alert, name)) for name, globs in match.items())


def in_words(match: Match) -> str:
    """``rule=a|b severity=warning``, for people."""
    return " ".join(f"{name}={'|'.join(globs)}" for name, globs in sorted(match.items()))


def _any(globs: Sequence[str], found: Sequence[str]) -> bool:
    return any(fnmatchcase(value, glob) for value in found for glob in globs)
