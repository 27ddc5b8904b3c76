"""What the exchanges' lists of projects in IPO review have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from simulator.facts import Project, Stage
from simulator.faults import Quirks
from simulator.sites.site import ALL_BUT_MARKUP, Timeline
from simulator.web import marked

Reached = tuple[Project, Stage]


class Reviews:
    """A list of projects, each with the status that it reached last; the newest change comes first."""

    hosts: tuple[str, ...] = ()
    faults = ALL_BUT_MARKUP

    def __init__(self, projects: Sequence[Project]) -> None:
        self._projects = projects
        self.timeline = Timeline(stage.at for project in projects for stage in project.stages)

    def newest(self, at: datetime) -> str | None:
        return next((project.id for project, _ in self.reached(at, Quirks())), None)

    def reached(self, at: datetime, quirks: Quirks) -> list[Reached]:
        """The projects that have a status at ``at`` and that the list is to show."""
        reached = [(p, stage) for p in self._projects if (stage := p.stage(at)) and quirks.listed(p.id)]
        return sorted(reached, key=lambda pair: (pair[1].at, int(pair[0].id)), reverse=True)


def marks(shown: Sequence[Reached]) -> str | None:
    """Which of the projects shown are illustrative."""
    return marked((project.id, project.illustrative) for project, _ in shown)
