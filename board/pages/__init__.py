"""The pages for people, one module each: overview, lists, the page of an event, and the page that says what went wrong."""

from __future__ import annotations

from board.pages.alerts import router as alerts
from board.pages.certificates import router as certificates
from board.pages.charts import router as charts
from board.pages.companies import router as companies
from board.pages.event import router as event
from board.pages.events import router as events
from board.pages.figures import router as figures
from board.pages.filings import router as filings
from board.pages.frame import error_page
from board.pages.guidance import router as guidance
from board.pages.overview import router as overview
from board.pages.pricing import router as pricing
from board.pages.sources import router as sources

ROUTERS = (
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
"""In this order: a route that takes any path comes after those beneath it."""

__all__ = ["ROUTERS", "error_page"]
