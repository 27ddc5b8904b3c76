"""The page of one event: its facts, the evidence in its source's text, what it said before, and the copy in the archive."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import orjson
from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

from board.archive import NotThere, page_of
from board.asked import FromView, InRoom
from board.evidence import Change, Line, changes, compared, pieces, quoted
from board.pages.frame import OnVisit, page
from board.reading import Reading
from events.event import EVENT, EventBase
from events.notice import Notice
from events.said import read_from, whole
from events.view import layout
from events.view.bodies import unpack
from events.view.texts import revisions

router = APIRouter(include_in_schema=False)
COMMON = set(EventBase.model_fields) | {"type"}
COPY_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, slots=True)
class Step:
    """From one version of an event to the next."""

    revision: int
    at: str
    changes: list[Change]
    withdrawn: bool = False


@router.get("/events/{event_id:path}", response_class=HTMLResponse)
async def event_page(on: OnVisit, view: FromView, event_id: str) -> HTMLResponse:
    """One event. Of one that was withdrawn, what it last said."""
    past = await _past(view, event_id)
    found = await view.view.event(event_id)
    if found is None and not past:
        raise HTTPException(404, f"no event has the id {event_id!r}")
    shown = found or EVENT.validate_python(past[-1])
    kept = await revisions(view.redis, shown.notice_id)
    text = read_from(shown, kept[0]) if kept else ""
    return page(
        on,
        "event.html",
        e=shown,
        withdrawn=found is None,
        facts=[(name, value) for name, value in shown if name not in COMMON and value not in (None, "", ())],
        kept=kept[0] if kept else None,
        rest=whole(kept[0]) if kept and text != whole(kept[0]) else "",
        pieces=pieces(text, shown.labels.evidence),
        evidence=[(one, quoted(text, one)) for one in shown.labels.evidence],
        steps=_steps([*past, *([found.model_dump(mode="json")] if found else [])], withdrawn=found is None),
        difference=_difference(kept),
        has_copy=bool(kept and kept[0].archive and on.here.archive),
    )


@router.get("/archive/{notice_id:path}")
async def archive_copy(view: FromView, here: InRoom, notice_id: str) -> Response:
    """The page as the site sent it, with nothing in it that runs: no script, no frame, nothing loaded."""
    kept = await revisions(view.redis, notice_id)
    if not kept or kept[0].archive is None or here.archive is None:
        raise HTTPException(404, f"no copy of {notice_id!r} is kept where this board can read it")
    try:
        body, media_type = await asyncio.to_thread(page_of, here.archive, kept[0].archive)
    except NotThere as error:
        raise HTTPException(404, str(error)) from error
    headers = {"Content-Security-Policy": COPY_POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type=media_type, headers=headers)


async def _past(view: Reading, event_id: str) -> list[dict[str, Any]]:
    found = await view.redis.lrange(layout.past(await view.view.name(), event_id), 0, -1)
    return [orjson.loads(unpack(raw)) for raw in found]


def _steps(versions: list[dict[str, Any]], *, withdrawn: bool) -> list[Step]:
    """From version to version, the last step first. Pure."""
    steps = [
        Step(after["revision"], after["detected_at"], changes(before, after)) for before, after in pairwise(versions)
    ]
    if withdrawn:
        steps.append(Step(versions[-1]["revision"], "", [], withdrawn=True))
    return steps[::-1]


def _difference(kept: list[Notice]) -> list[Line]:
    """What the last revision of the notice says otherwise than the one before."""
    if len(kept) < 2:
        return []
    after, before, *_ = kept
    return compared(whole(before), whole(after))
