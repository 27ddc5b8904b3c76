"""Why a derived metric tells nothing: what whoever asked needs to know, to ask better."""

from __future__ import annotations

from collections.abc import Mapping

from events.view.derived.spec import DerivedSpec, Facts, kept
from events.view.series import Window


def untold(spec: DerivedSpec, facts: Facts, within: Window, where: Mapping[str, str]) -> str:
    """The reason in one sentence, with what to ask instead; empty where the metric tells something."""
    rows = kept(spec, facts, within, where)
    if spec.aggregate(rows) is not None:
        return ""
    if not rows:
        return f"no fact of this window tells it; it is made of {', '.join(spec.needs)}"
    currencies = sorted({row.currency for row in rows if row.currency})
    if len(currencies) > 1:
        several = ", ".join(currencies)
        return f"the amounts are in {several}, which are never put together: give --by currency, or one with --dim"
    if "part" in spec.dims and "part" not in where:
        return "a part of it is not known: --by part shows those that are"
    return "what the facts tell is not enough for it"
