"""A webhook receiver that fails three times in ten, in every way that a receiver can fail, and that notes what it took."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable

import orjson
from aiohttp import web
from pydantic import SecretStr

from alerts.channels.webhook.sign import key_of, signature
from bench.loopback import Loopback

FAILS = 0.3
WAYS = ("500", "503", "429", "silent", "taken-silent", "taken-500")
"""``silent`` hangs up without a word; ``taken-…`` takes the message and then fails, which only a mark can make good."""


class Receiver(Loopback):
    """``arrivals``: alert id → for each time that it was taken, whether it was marked as a possible duplicate."""

    def __init__(self, secret: SecretStr, chance: random.Random) -> None:
        self.arrivals: dict[str, list[bool]] = defaultdict(list)
        self.answers: Counter[str] = Counter()
        self.forged = 0
        self.on_request: Callable[[], None] | None = None
        self._key = key_of(secret)
        self._chance = chance
        self._came = asyncio.Event()
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/", self._answer)
        super().__init__(app)

    @property
    def requests(self) -> int:
        return self.answers.total()

    async def had(self, requests: int) -> None:
        """Return once there were so many requests."""
        while self.requests < requests:
            self._came.clear()
            await self._came.wait()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        way = self._chance.choice(WAYS) if self._chance.random() < FAILS else "taken"
        self.answers[way] += 1
        self._came.set()
        if not self._genuine(request, body):
            self.forged += 1
            return web.Response(status=401)
        if way.startswith("taken"):
            self._take(body)
        if self.on_request is not None:
            self.on_request()
        if way.endswith("silent"):
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if way == "taken":
            return web.Response(text="ok")
        status = int(way.removeprefix("taken-"))
        return web.Response(status=status, headers={"Retry-After": "1"} if status == 429 else {})

    def _genuine(self, request: web.Request, body: bytes) -> bool:
        ident, seconds = request.headers["webhook-id"], int(request.headers["webhook-timestamp"])
        return signature(self._key, ident, seconds, body) == request.headers["webhook-signature"]

    def _take(self, body: bytes) -> None:
        data = orjson.loads(body)["data"]
        for alert in data["alerts"]:
            self.arrivals[alert["alert_id"]].append(data["possible_duplicate"])
