"""What every page has around it: the visit (day, language, address), the templates, and the page for a fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, quote_plus

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from board.asked import AsOf, InLang, InRoom, Room
from board.show import company, detail, event_path, money, safe_url, source_host, sparkline
from board.words import Lang, Words, negotiate

TEMPLATES = Path(__file__).parent.parent / "templates"
PAGE = 50
MOST_PAGES = 4000
OLDEST = date(2000, 1, 1)
NAVIGATION = (
    ("/", "nav.overview"),
    ("/certificates", "nav.certificates"),
    ("/pricing", "nav.pricing"),
    ("/companies", "nav.companies"),
    ("/filings", "nav.filings"),
    ("/guidance", "nav.guidance"),
    ("/events", "nav.events"),
    ("/alerts", "nav.alerts"),
    ("/sources", "nav.sources"),
)
PageNumber = Annotated[int, Query(ge=1, le=MOST_PAGES)]
Text = Annotated[str, Query(max_length=200)]
Choice = Annotated[str, Query(max_length=120)]


def environment() -> Environment:
    """The templates. Everything is escaped; a name that does not exist is an error, never an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        company=company, safe_url=safe_url, host=source_host, sparkline=sparkline, event_path=event_path
    )
    made.globals.update(detail=detail, money=money)
    return made


TEMPLATE = environment()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person: what it asks for everywhere, and the addresses of where they may go from here."""

    request: Request
    here: Room
    day: date
    lang: Lang

    @property
    def looking_back(self) -> bool:
        """Whether a day was asked for."""
        return "as_of" in self.request.query_params

    @property
    def words(self) -> Words:
        return Words(self.lang)

    def href(self, path: str, **asked: object) -> str:
        """The address of a page of the board, as of the same day. What is empty is left out."""
        if self.looking_back:
            asked = {**asked, "as_of": self.day}
        return address(path, asked)

    def same(self, **changed: object) -> str:
        """The address of this page with some of what was asked changed; None takes a name out."""
        asked: dict[str, object] = {**self.request.query_params, "page": None, **changed}
        return address(self.request.url.path, asked)


def address(path: str, asked: Mapping[str, object]) -> str:
    """A path and what it is asked, as the address of a link. What is empty is left out."""
    given = [f"{_quoted(name)}={_quoted(str(value))}" for name, value in asked.items() if value not in {None, ""}]
    return _quoted_path(path) + (f"?{'&'.join(given)}" if given else "")


@lru_cache(maxsize=16_384)
def _quoted(value: str) -> str:
    return quote_plus(value)


@lru_cache(maxsize=16_384)
def _quoted_path(path: str) -> str:
    return quote(path, safe="/~:")


async def visit(request: Request, here: InRoom, day: AsOf, lang: InLang) -> Visit:
    """The visit of this request."""
    return Visit(request, here, day, lang)


OnVisit = Annotated[Visit, Depends(visit)]


def page(on: Visit, template: str, **values: object) -> HTMLResponse:
    """A page as HTML. The language that was asked for by name is remembered in a cookie."""
    html = TEMPLATE.get_template(template).render(**_frame(on.here, on.lang), **_around(on), **values)
    response = HTMLResponse(html, headers={"Cache-Control": "private, no-cache", "Vary": "Accept-Language, Cookie"})
    if "lang" in on.request.query_params:
        response.set_cookie("lang", on.lang, max_age=31_536_000, samesite="lax", httponly=True)
    return response


def error_page(request: Request, status: int, detail: str) -> str:
    """The page for a fault."""
    here: Room = request.app.state.room
    asked = request.query_params.get("lang") or request.cookies.get("lang")
    lang = negotiate(asked, request.headers.get("accept-language", ""))
    return TEMPLATE.get_template("error.html").render(
        **_frame(here, lang), navigation=NAVIGATION, status=status, phrase=HTTPStatus(status).phrase, detail=detail
    )


def _frame(here: Room, lang: Lang) -> dict[str, object]:
    return {"t": Words(lang), "lang": lang, "title": here.title, "today": here.today}


def _around(on: Visit) -> dict[str, object]:
    first = min(on.here.first_day or on.here.today - timedelta(days=365), on.here.today - timedelta(days=1), on.day)
    return {
        "on": on,
        "day": on.day,
        "looking_back": on.looking_back,
        "navigation": NAVIGATION,
        "at": on.request.url.path,
        "other": Lang.ZH if on.lang is Lang.EN else Lang.EN,
        "slider": {"days": (on.here.today - first).days, "at": (on.day - first).days, "first": first},
        "session": on.here.gate.needed,
        "indexing": on.here.index.progress,
    }
