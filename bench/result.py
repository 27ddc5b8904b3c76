"""One measurement, as the median of several runs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, in ``unit``: the median of the runs, the least and the most."""

    what: str
    median: float
    least: float
    most: float
    unit: str


def measured(
    what: str, work: Callable[[], int], *, runs: int = 5, clock: Callable[[], float] = time.perf_counter
) -> Result:
    """Microseconds per item by ``clock``; ``work`` does a run and says how many items it did."""
    work()
    each = []
    for _ in range(runs):
        began = clock()
        items = work()
        each.append((clock() - began) / items * 1e6)
    return Result(what, statistics.median(each), min(each), max(each), "µs an item")


LEAST_SECONDS = 0.05
"""A work is repeated until it took so long: the processor's clock does not see less than some milliseconds well."""


def taking_turns(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The median seconds of processor of each work. They take turns, so that a slow minute of the machine meets them all.

    Each is done once before: what a first call loads would make it look so slow that it were timed by single calls.
    """
    for work in works:
        work()
    again = [max(1, int(LEAST_SECONDS / max(_seconds(work, 1), 1e-6))) for work in works]
    times = [[_seconds(work, many) for work, many in zip(works, again, strict=True)] for _ in range(rounds)]
    return [statistics.median(each) for each in zip(*times, strict=True)]


def _seconds(work: Callable[[], object], many: int) -> float:
    began = time.process_time()
    for _ in range(many):
        work()
    return (time.process_time() - began) / many
