"""Listing applications: how long a stage lasts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from events.view.derived.certificates import days_between
from events.view.derived.spec import DerivedSpec, Facts, Row, dims, middle
from events.view.series import UNDATED, Window

Move = tuple[str, str, str]


def moves(facts: Facts) -> dict[str, list[Move]]:
    """``exchange/project`` → (instant and rank, stage, day) in the order of time, a stage stated twice in a row once."""
    found: dict[str, list[Move]] = {}
    for fact in facts["ipo_projects"]:
        instant, project, stage = fact.parts
        if fact.day != UNDATED:
            found.setdefault(project, []).append((instant, stage, fact.day))
    return {project: _once(sorted(made)) for project, made in found.items()}


def _once(made: list[Move]) -> list[Move]:
    return made[:1] + [move for before, move in pairwise(made) if move[1] != before[1]]


def _lasted(facts: Facts, _: Window) -> Iterator[Row]:
    for project, made in moves(facts).items():
        exchange = project.split("/", 1)[0]
        for (_at, stage, since), (_then, _next, until) in pairwise(made):
            yield Row(until, dims(stage=stage, exchange=exchange, project=project), days_between(since, until))


METRICS = (
    DerivedSpec(
        "ipo_stage_days",
        "days",
        ("stage", "exchange", "project"),
        ("ipo_projects",),
        _lasted,
        middle,
        "Median days that a listing application stayed in a stage, of stages that it has left",
        "IPO 各阶段停留天数（中位数）",
    ),
)
