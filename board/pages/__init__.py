"""The pages for people, one module each: overview, lists, the page of an event, and the page that says what went wrong."""

from __future__ import annotations

from board.pages import (
    alerts,
    certificates,
    charts,
    companies,
    event,
    events,
    figures,
    filings,
    guidance,
    overview,
    pricing,
    sources,
)
from board.pages.frame import error_page

ROUTERS = tuple(
    module.router
    for module in (
        overview,
        certificates,
        pricing,
        companies,
        filings,
        guidance,
        events,
        event,
        figures,
        alerts,
        sources,
        charts,
    )
)
"""In this order: a route that takes any path comes after those beneath it."""

__all__ = ["ROUTERS", "error_page"]
