"""The sources: are they alive, and since when?"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from board.asked import FromView
from board.pages.frame import OnVisit, page
from events.messages import HealthState, Outcome, SourceHealth
from events.view.polls import history

router = APIRouter(include_in_schema=False)
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """A source, its last polls (oldest first), and how many of them went well."""

    now: SourceHealth
    polls: list[SourceHealth]

    @property
    def well(self) -> int:
        return sum(poll.outcome.healthy for poll in self.polls)

    @property
    def drifted(self) -> bool:
        return self.now.outcome is Outcome.DRIFTED


@router.get("/sources", response_class=HTMLResponse)
async def sources(on: OnVisit, view: FromView) -> HTMLResponse:
    """Each source with its last polls; those with something the matter first."""
    found = await view.view.health()
    polls = await history(view.redis, [h.source_id for h in found], SHOWN)
    rank = {HealthState.FAILING: 0, HealthState.DEGRADED: 1, HealthState.HEALTHY: 2}
    found.sort(key=lambda h: (rank[h.state], not h.overdue, h.source_id))
    return page(
        on,
        "sources.html",
        standings=[Standing(h, polls[h.source_id][::-1] or [h]) for h in found],
        failing=sum(h.state is HealthState.FAILING for h in found),
        degraded=sum(h.state is HealthState.DEGRADED for h in found),
        overdue=sum(h.overdue for h in found),
        dead=await view.dead_letters(),
        backlog={f"{group} · {topic}": n for (group, topic), n in (await view.view.backlog()).items() if n},
    )
