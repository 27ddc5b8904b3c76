"""What was reported against what truly changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.watchers.sector import APART, Change


@dataclass(frozen=True, slots=True)
class Report:
    """A page of which something was told after the checks of an hour; of which row, for who tells rows apart."""

    place: int
    hour: int
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """True changes that were told, true changes that were not, reports of what did not happen."""

    told: int
    missed: int
    false: int


def judged(changes: Sequence[Change], reports: Iterable[Report]) -> Verdict:
    """Each report answers for the change of its page (and row) in that hour or the few before it; another one is false."""
    left = list(changes)
    false = 0
    for report in sorted(reports, key=lambda one: one.hour):
        change = next((one for one in left if _is_of(report, one)), None)
        if change is None:
            false += 1
        else:
            left.remove(change)
    return Verdict(len(changes) - len(left), len(left), false)


def _is_of(report: Report, change: Change) -> bool:
    row = report.path is None or report.path == change.path
    return row and report.place == change.place and 0 <= report.hour - change.hour < APART
