"""An HTTP server on loopback that behaves like Slack's incoming webhooks: it checks the blocks, and misbehaves on request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

LIMITS = {"header": 150, "section": 3000, "context": 3000}
Answer = tuple[int, str, dict[str, str]]
HANG_UP: Answer = (0, "", {})
"""Take the message, then close the connection without a word."""


class SlackServer:
    """``received`` are the payloads that it took; ``script`` the answers that it gives before it works again."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.requests = 0
        self.script: list[Answer] = []
        self.on_request: Callable[[], None] | None = None
        self.url = ""
        self._came = asyncio.Event()
        app = web.Application()
        app.router.add_post("/services/{secret}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/services/s3cr3t"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def wait_for(self, requests: int) -> None:
        """Return once that many requests have come."""
        while self.requests < requests:
            self._came.clear()
            await self._came.wait()

    async def _answer(self, request: web.Request) -> web.Response:
        payload = await request.json()
        self.requests += 1
        self._came.set()
        if self.on_request is not None:
            self.on_request()
        answer = self.script.pop(0) if self.script else None
        if answer == HANG_UP:
            self.received.append(payload)
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if answer is not None:
            return web.Response(status=answer[0], text=answer[1], headers=answer[2])
        if fault := fault_of(payload):
            return web.Response(status=400, text=fault)
        self.received.append(payload)
        return web.Response(text="ok")


def fault_of(payload: dict[str, Any]) -> str | None:
    """What Slack would find wrong with the payload: the documented limits of Block Kit."""
    blocks = payload.get("blocks", [])
    if not payload.get("text") or not 1 <= len(blocks) <= 50:
        return "invalid_blocks"
    for block in blocks:
        texts = [block[key] for key in ("text",) if key in block] + block.get("fields", []) + block.get("elements", [])
        fields = block.get("fields", [])
        if not texts or len(fields) > 10 or any(len(field["text"]) > 2000 for field in fields):
            return "invalid_blocks"
        if any(not 1 <= len(text["text"]) <= LIMITS[block["type"]] for text in texts):
            return "invalid_blocks_format"
        if block["type"] == "header" and block["text"]["type"] != "plain_text":
            return "invalid_blocks"
    return None


def words(payload: dict[str, Any]) -> str:
    """Everything that the payload says, in one string."""
    found: list[str] = [payload["text"]]
    for block in payload["blocks"]:
        found += [block["text"]["text"]] if "text" in block else []
        found += [part["text"] for part in [*block.get("fields", []), *block.get("elements", [])]]
    return "\n".join(found)
