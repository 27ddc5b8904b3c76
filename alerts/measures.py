"""The arithmetic of metric rules over the history of a series. Pure; values are cumulative, days in their order."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from alerts.rules.metric import Change, ZScore


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a condition holds, and the number that says so: the change, its percentage, or the score."""

    holds: bool
    number: float


def changed(before: int, now: int, rule: Change) -> Found:
    """The change from ``before`` (the value ``rule.days`` ago) to ``now``. A percentage of nothing is none."""
    if rule.by is not None:
        moved = now - before
        return Found(moved >= rule.by if rule.by > 0 else moved <= rule.by, moved)
    assert rule.percent is not None
    if before == 0:
        return Found(False, 0.0)
    percent = 100.0 * (now - before) / abs(before)
    return Found(percent >= rule.percent if rule.percent > 0 else percent <= rule.percent, round(percent, 1))


def departure(values: Sequence[int], rule: ZScore) -> Found:
    """How far the last day's addition is from those of the days before, in their standard deviations.

    ``values`` are those at the ends of consecutive days, the last one today. A history that never varied is taken to vary by
    one, so that the first addition in a quiet year is no departure without bound.
    """
    added = [after - before for before, after in pairwise(values)]
    past, today = added[:-1], added[-1] if added else 0
    if sum(one != 0 for one in past) < rule.least:
        return Found(False, 0.0)
    spread = statistics.pstdev(past) or 1.0
    score = round((today - statistics.fmean(past)) / spread, 2)
    return Found(abs(score) > rule.above, score)


def rank_of(member: str, table: Mapping[str, int]) -> int:
    """The place of a member by value, the greatest first; equals share one. One that is not there is after all others."""
    if member not in table:
        return len(table) + 1
    return 1 + sum(value > table[member] for value in table.values())
