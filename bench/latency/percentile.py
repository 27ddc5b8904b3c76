"""Percentiles by the nearest rank: a value that was measured, never one between two."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], per_cent: float) -> float:
    """The least value that so many per cent of all are not above. Raises ValueError for none."""
    if not values:
        raise ValueError("a percentile of nothing")
    return sorted(values)[max(0, math.ceil(len(values) * per_cent / 100) - 1)]
