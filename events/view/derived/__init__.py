"""Metrics that are worked out of base series when they are read. Pure: facts in, exact numbers out."""

from __future__ import annotations

from events.view.derived import certificates, figures, financing, funnel, ipo, pricing, profitability
from events.view.derived.spec import DerivedSpec

DERIVED: dict[str, DerivedSpec] = {
    spec.name: spec
    for module in (certificates, pricing, funnel, ipo, financing, figures, profitability)
    for spec in module.METRICS
}
"""Name → derived metric."""
