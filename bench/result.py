"""One measurement, as the median of several runs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, in ``unit``: the median of the runs, the least and the most."""

    what: str
    median: float
    least: float
    most: float
    unit: str


def measured(what: str, work: Callable[[], int], *, runs: int = 5) -> Result:
    """Microseconds of processor and wall time together per item; ``work`` does a run and says how many items it did."""
    work()
    each = []
    for _ in range(runs):
        began = time.perf_counter()
        items = work()
        each.append((time.perf_counter() - began) / items * 1e6)
    return Result(what, statistics.median(each), min(each), max(each), "µs an item")
