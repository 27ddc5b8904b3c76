"""The table of metrics: name, unit, measure, dimensions, windows and meaning.

A base metric (`METRICS`) is a series that events contribute to; a derived one (`DERIVED`) is worked out of such series when
it is read. Both are read for any day in any of the `WINDOWS`.
"""

from __future__ import annotations

from events.view.base import METRICS
from events.view.derived import DERIVED
from events.view.derived.spec import DerivedSpec
from events.view.series import WINDOWS
from events.view.spec import MetricSpec

__all__ = [
    "CATALOG",
    "DERIVED",
    "METRICS",
    "WINDOWS",
    "MetricSpec",
    "UnknownMetric",
    "check_dim",
    "derived",
    "dimensions",
    "measure",
    "metric",
]

CATALOG: dict[str, MetricSpec | DerivedSpec] = {**METRICS, **DERIVED}
"""Every metric, base ones first."""


class UnknownMetric(LookupError):
    """No metric, dimension or window has this name. The text lists those there are."""


def metric(name: str) -> MetricSpec:
    """The base metric called ``name``. Raises `UnknownMetric`."""
    try:
        return METRICS[name]
    except KeyError:
        if name in DERIVED:
            raise UnknownMetric(f"{name} is derived: it is no series, but worked out when it is read") from None
        raise UnknownMetric(f"no metric is called {name!r}; there are {', '.join(CATALOG)}") from None


def derived(name: str) -> DerivedSpec:
    """The derived metric called ``name``. Raises `UnknownMetric`."""
    try:
        return DERIVED[name]
    except KeyError:
        raise UnknownMetric(f"no derived metric is called {name!r}; there are {', '.join(DERIVED)}") from None


def dimensions(spec: MetricSpec | DerivedSpec) -> list[str]:
    """What a metric can be grouped and filtered by."""
    return list(spec.dims) if isinstance(spec, DerivedSpec) else [*spec.dims, *filter(None, [spec.states])]


def measure(spec: MetricSpec | DerivedSpec) -> str:
    """The word for how a metric is made: its measure, or ``derived``."""
    return spec.measure.value if isinstance(spec, MetricSpec) else "derived"


def check_dim(spec: MetricSpec | DerivedSpec, dim: str) -> None:
    """Raises `UnknownMetric` unless the metric can be grouped by ``dim``."""
    if dim not in (groups := dimensions(spec)):
        raise UnknownMetric(f"{spec.name} has no dimension {dim!r}; it has {', '.join(groups) or 'none'}")
