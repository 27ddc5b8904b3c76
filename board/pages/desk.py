"""What people do with alerts on the board: look after one, keep something quiet, end that. `events.view.desk` does it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse

from board.asked import FromView, InRoom
from board.forms import form_of, same_site
from events.messages import Matchers
from events.view.desk import Desk, NotThere

router = APIRouter(include_in_schema=False)
HOURS = (1, 4, 12, 24, 72, 168)
LONGEST_NAME, LONGEST_COMMENT = 80, 500


@router.post("/alerts/ack")
async def ack(request: Request, view: FromView, here: InRoom) -> RedirectResponse:
    """Say that somebody looks after an alert."""
    form = await _form(request)
    try:
        await Desk(view.redis).ack(form["alert_id"], form["author"], form.get("comment", ""), here.clock.now())
    except NotThere as error:
        raise HTTPException(404, str(error)) from error
    return RedirectResponse("/alerts", 303)


@router.post("/alerts/silence")
async def silence(request: Request, view: FromView, here: InRoom) -> RedirectResponse:
    """Tell nobody of what an alert tells, for some hours: of the same rule and subject."""
    form = await _form(request)
    hours = int(form.get("hours", "4")) if form.get("hours", "4").isdecimal() else 0
    if hours not in HOURS or not form.get("comment", "").strip():
        raise HTTPException(422, "a silence says why, and lasts one of the spans of the form")
    desk, now = Desk(view.redis), here.clock.now()
    try:
        alert = await desk.alert(form["alert_id"])
    except NotThere as error:
        raise HTTPException(404, str(error)) from error
    match: Matchers = {"rule": (_literal(alert.rule_id),), "subject": (_literal(alert.subject),)}
    await desk.silence(match, form["author"], form["comment"], now, now + timedelta(hours=hours))
    return RedirectResponse("/alerts", 303)


@router.post("/alerts/unsilence")
async def unsilence(request: Request, view: FromView, here: InRoom) -> RedirectResponse:
    """End a silence now."""
    form = await _form(request, "silence_id")
    try:
        await Desk(view.redis).unsilence(form["silence_id"], form["author"], here.clock.now())
    except NotThere as error:
        raise HTTPException(404, str(error)) from error
    return RedirectResponse("/alerts", 303)


async def _form(request: Request, ident: str = "alert_id") -> dict[str, str]:
    """The fields, with somebody's name and what it is about. Raises HTTPException 403, 413 or 422."""
    same_site(request)
    form = await form_of(request)
    form["author"] = form.get("author", "").strip()[:LONGEST_NAME]
    form["comment"] = form.get("comment", "").strip()[:LONGEST_COMMENT]
    if not form["author"] or not form.get(ident):
        raise HTTPException(422, "say who you are")
    return form


def _literal(text: str) -> str:
    """Text as a glob that matches only itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)
