"""The pages on loopback, at the hour that is set. No validators, as pages with noise have none."""

from __future__ import annotations

import re

from aiohttp import web

from bench.loopback import Loopback
from bench.watchers.sector import Day

AT_ONCE = 8
"""Addresses of the site, so that as many pages can be asked for at once as the spider asks for of one."""
_PLACE = re.compile(r"/p(\d{3})/")


class Site(Loopback):
    """Serves a `Day`, each page on each of its `AT_ONCE` ``urls``. ``visits`` counts the answers; each has its own noise."""

    def __init__(self, shown: Day) -> None:
        self.hour = 0
        self.visits = 0
        self._day = shown
        app = web.Application()
        app.router.add_get("/robots.txt", self._robots)
        app.router.add_get("/{path:.*}", self._page)
        super().__init__(app)

    def list_url(self, place: int) -> str:
        """The address of a page."""
        return f"{self.url}/p{place:03d}/"

    async def _robots(self, _: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nAllow: /\n")

    async def _page(self, request: web.Request) -> web.Response:
        found = _PLACE.fullmatch(request.path)
        if found is None or int(found[1]) >= self._day.pages:
            return web.Response(status=404)
        self.visits += 1
        html = self._day.html(int(found[1]), self.hour, self.visits)
        return web.Response(text=html, content_type="text/html", charset="utf-8")
