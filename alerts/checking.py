"""``medpulse alerts check``: what sort of file it is, and whether it can be used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alerts.cases import load_cases
from alerts.configuration import ConfigurationError, tables_of
from alerts.receivers import load_receivers
from alerts.routes import TABLES as ROUTES
from alerts.routes import load_routes
from alerts.rules import load_rules
from alerts.rules.load import TABLES as RULES
from alerts.subscriptions import load_subscriptions


def check(path: Path, receivers: Sequence[str]) -> str:
    """One line that says what is in the file. ``receivers`` are the ids that routes and subscriptions may name.

    Raises `ConfigurationError`, with the file, the line and the remedy.
    """
    tables = set() if path.is_dir() else set(tables_of(path))
    if path.is_dir() or "subscription" in tables:
        wishes = load_subscriptions(path, receivers)
        return f"{len(wishes)} subscriptions for {len({one.receiver for one in wishes})} receivers"
    if tables & set(RULES):
        rules = load_rules(path)
        kinds = {kind: sum(rule.on == kind for rule in rules) for kind in dict.fromkeys(rule.on for rule in rules)}
        return f"{len(rules)} rules ({', '.join(f'{n} {kind}' for kind, n in kinds.items())})"
    if tables & set(ROUTES):
        found = load_routes(path, receivers)
        return f"{len(found.tree.routes)} routes, {len(found.inhibitions)} inhibitions, {len(found.times)} times"
    if "receiver" in tables:
        return f"{len(load_receivers(path))} receivers"
    if "case" in tables:
        return f"{len(load_cases(path))} cases"
    there_are = ", ".join(f"[[{name}]]" for name in (*RULES, *ROUTES, "receiver", "subscription", "case"))
    raise ConfigurationError(f"{path}: no table of this file is known; there are {there_are}")
