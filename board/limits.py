"""How often one client may ask: a bucket that fills again with time, for each address. The memory of them is bounded."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from board.problems import PROBLEM_JSON, Problem
from events.clock import monotonic

MOST_CLIENTS = 4096
FREE = ("/static/", "/healthz", "/metrics")


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    """``burst`` requests at once, and ``rate`` a second from then on."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Seconds until the client may ask again; 0 where it may now, and has been counted. ``now`` is monotonic seconds."""
        bucket = self._buckets.pop(client, None) or _Bucket(self._burst, now)
        self._buckets[client] = bucket
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._rate)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / self._rate
        bucket.left -= 1
        return 0.0


class Limits:
    """ASGI middleware: 429 with ``Retry-After`` for a client that asks too often."""

    def __init__(self, app: ASGIApp, rate: float, burst: int) -> None:
        self._app, self._buckets = app, Buckets(rate, burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FREE):
            await self._app(scope, receive, send)
            return
        wait = self._buckets.take(client_of(scope), monotonic())
        if not wait:
            await self._app(scope, receive, send)
            return
        problem = Problem(title="Too Many Requests", status=429, detail=f"ask again in {ceil(wait)} s")
        answer = Response(problem.model_dump_json(), 429, {"Retry-After": str(ceil(wait))}, PROBLEM_JSON)
        await answer(scope, receive, send)


def client_of(scope: Scope) -> str:
    """Who asks, as far as the connection tells."""
    client = scope.get("client")
    return str(client[0]) if client else ""
