"""The page and the Slack-like server, in one process and on one clock: what is between them is what is measured.

The page is the simulator's, over a real socket. It notes when the request came that was the first to be shown a delivery page
in the list; the server notes when a message came that names a certificate's product.
"""

from __future__ import annotations

import re
import time
from datetime import datetime

from aiohttp import web

from bench.latency.sector import named
from bench.loopback import Loopback
from simulator.facts import Facts
from simulator.sites.cms import stamp
from simulator.sites.nmpa import COLUMN
from simulator.town import Town

_PAGE = re.compile(rb"\d{17}\.html")


class Shown:
    """A clock that stands at the newest page that is shown."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError("nobody waits for this clock")


class Place(Loopback):
    """Both servers. ``asked`` is when (seconds since the epoch) the list was asked for that first showed a certificate,
    ``told`` when a message came that names its product, each by number. ``shown`` is how many pages there are to be seen.
    """

    def __init__(self, facts: Facts) -> None:
        self.asked: dict[str, float] = {}
        self.told: dict[str, float] = {}
        self.messages = 0
        self.shown = 0
        self._pages = sorted(facts.delivery, key=lambda page: page.at)
        self._numbers = {page.at: [row.number for row in page.rows if row.ai] for page in self._pages}
        self._clock = Shown(self._pages[0].at)
        self._town = Town(facts, self._clock)
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/hook", self._take)
        app.router.add_route("*", "/{path:.*}", self._serve)
        super().__init__(app)

    def show(self, upto: int) -> list[str]:
        """Show the first ``upto`` pages; returns the numbers on the last of them that are alerts."""
        self.shown = upto
        self._clock.at = self._pages[upto - 1].at
        return self._numbers[self._clock.at]

    async def _serve(self, request: web.Request) -> web.Response:
        came = time.time()
        headers = {name.lower(): value for name, value in request.headers.items()}
        served = self._town.serve(request.method, request.raw_path, headers, await request.read())
        if request.path.startswith(f"{COLUMN}index"):
            for path in set(_PAGE.findall(served.body)):
                for number in self._numbers.get(stamp(path.decode()), ()):
                    self.asked.setdefault(number, came)
        kept = [(name, value) for name, value in served.headers if name != "content-length"]
        return web.Response(body=served.body, status=served.status, headers=kept)

    async def _take(self, request: web.Request) -> web.Response:
        came = time.time()
        self.messages += 1
        for number in named(str(await request.json())):
            self.told.setdefault(number, came)
        return web.Response(text="ok")
