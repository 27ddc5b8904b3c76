"""An ETag for every whole answer, made of its bytes, and 304 for a client that has it."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.ids import digest

KINDS = frozenset(
    {
        "application/json",
        "application/feed+json",
        "application/rss+xml",
        "application/atom+xml",
        "text/calendar",
        "text/csv",
        "text/html",
    }
)


class ETags:
    """ASGI middleware over GET. An answer that comes in several parts (a stream) passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("if-none-match", "")
        start: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is None:
                await send(message)
                return
            first, start = start, None
            body = message.get("body", b"")
            headers = MutableHeaders(scope=first)
            kind = headers.get("content-type", "").partition(";")[0]
            if first["status"] == 200 and not message.get("more_body") and kind in KINDS and "etag" not in headers:
                headers["ETag"] = f'"{digest(body)[:32]}"'
                headers.setdefault("Cache-Control", "private, no-cache")
                if _has(asked, headers["ETag"]):
                    first["status"] = 304
                    del headers["content-length"]
                    message = {"type": "http.response.body", "body": b""}
            await send(first)
            await send(message)

        await self._app(scope, receive, tagged)


def _has(asked: str, etag: str) -> bool:
    """Whether ``If-None-Match`` names the tag (RFC 9110, 13.1.2: compared weakly)."""
    return any(one.strip().removeprefix("W/") in {etag, "*"} for one in asked.split(","))
