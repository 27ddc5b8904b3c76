"""Listing applications in the index: where each stands, and how it came there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from board.index.follow import Index
from events.event import IpoStage

RANKS = {stage.value: rank for rank, stage in enumerate(IpoStage)}


@dataclass(frozen=True, slots=True)
class Project:
    """An application: its exchange, its present stage, and the ids of the events of its moves, the last one last."""

    exchange: str
    stage: str
    moves: tuple[str, ...]


async def projects(index: Index, until: date, stage: str = "", exchange: str = "") -> list[Project]:
    """The applications up to a day, that with the latest move first; those of one present stage or one exchange, or all."""
    sql = "SELECT project, score, stage, id FROM event WHERE type = 'ipo_progress' AND day <= ?"
    found = _projects(await index.rows(sql, (until.isoformat(),)))
    return [one for one in found if stage in {"", one.stage} and exchange in {"", one.exchange}]


def _projects(rows: Iterable[tuple[str, float, str, str]]) -> list[Project]:
    """Of (project, instant, stage, event id). Of two moves at one instant the one to the later stage is the later."""
    held: dict[str, list[tuple[float, int, str, str]]] = {}
    for project, at, stage, event in rows:
        held.setdefault(project, []).append((at, RANKS[stage], stage, event))
    for moves in held.values():
        moves.sort()
    latest = sorted(held.items(), key=lambda one: (one[1][-1][0], one[0]), reverse=True)
    return [
        Project(name.partition("/")[0], moves[-1][2], tuple(event for *_, event in moves)) for name, moves in latest
    ]
