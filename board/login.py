"""Signing in: the token is given once, in a form, and a cookie kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from board.access import COOKIE, SESSION_SECONDS
from board.asked import InLang, InRoom
from board.forms import form_of, same_site
from board.limits import Buckets, client_of
from board.pages.frame import TEMPLATE
from board.words import Lang, Words
from events.clock import monotonic

router = APIRouter(include_in_schema=False)
WRONG = Buckets(rate=1 / 30, burst=10)
"""Ten wrong tokens at once, and one every half minute after that."""


@router.get("/login", response_class=HTMLResponse)
async def ask(here: InRoom, lang: InLang, next: str = "/") -> HTMLResponse:  # noqa: A002  the customary name
    """The form."""
    return HTMLResponse(_form(here.title, lang, inside(next), wrong=False), headers={"Cache-Control": "no-store"})


@router.post("/login")
async def sign_in(request: Request, here: InRoom, lang: InLang) -> Response:
    """A cookie for whoever gives the token, and on to where they wanted; the form again for a wrong one."""
    same_site(request)
    form = await form_of(request)
    onward = inside(form.get("next", "/"))
    if not here.gate.needed:
        return RedirectResponse(onward, 303)
    if not here.gate.right(form.get("token", "")):
        wait = WRONG.take(client_of(request.scope), monotonic())
        if wait:
            raise HTTPException(429, "too many wrong tokens", {"Retry-After": str(int(wait) + 1)})
        return HTMLResponse(_form(here.title, lang, onward, wrong=True), 403, {"Cache-Control": "no-store"})
    response = RedirectResponse(onward, 303)
    response.set_cookie(
        COOKIE,
        here.gate.session(here.clock.now().timestamp()),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/logout")
async def sign_out(request: Request) -> Response:
    """Forget the cookie."""
    same_site(request)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response


def inside(path: str) -> str:
    """The path if it leads to a page of the board, else the first page: a sign-in never sends people elsewhere."""
    parts = urlsplit(path.replace("\\", "/"))
    plain = path.startswith("/") and not path.startswith("//") and not parts.netloc and path.isprintable()
    return path if plain and "\\" not in path else "/"


def _form(title: str, lang: Lang, onward: str, *, wrong: bool) -> str:
    return TEMPLATE.get_template("login.html").render(t=Words(lang), lang=lang, title=title, onward=onward, wrong=wrong)
