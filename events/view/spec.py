"""What a row of the table of metrics says."""

from __future__ import annotations

from dataclasses import dataclass

from events.view.series import Measure


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric. Besides its total it has one series for each value of each of its ``dims``.

    ``states`` names what a `Measure.LATEST` metric can be grouped by, besides its dimensions.
    """

    name: str
    measure: Measure
    unit: str
    dims: tuple[str, ...]
    en: str
    zh: str
    states: str | None = None
