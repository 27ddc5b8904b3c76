"""Slack's ``chat.postMessage`` on loopback: it checks token and blocks, hands out places, and misbehaves on request."""

from __future__ import annotations

import itertools
from typing import Any

import orjson
from aiohttp import web

from tests.alerts.slack_server import Answer, fault_of

TOKEN = "xoxb-s3cr3t"


class SlackApi:
    """``posted`` are the payloads that it took, each with its ``ts``; ``script`` the answers it gives before it works again."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.script: list[Answer | None] = []
        self.url = ""
        self._places = itertools.count(1)
        app = web.Application()
        app.router.add_post("/api/chat.postMessage", self._answer)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        answer = self.script.pop(0) if self.script else None
        if answer is not None:
            return web.Response(
                status=answer[0], text=answer[1], headers={"Content-Type": "application/json", **answer[2]}
            )
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _json({"ok": False, "error": "invalid_auth"})
        payload = orjson.loads(await request.read())
        if payload["channel"] != "C012AB3CD":
            return _json({"ok": False, "error": "channel_not_found"})
        thread = payload.get("thread_ts")
        if thread is not None and thread not in {one["ts"] for one in self.posted}:
            return _json({"ok": False, "error": "thread_not_found"})
        if fault := fault_of(payload):
            return _json({"ok": False, "error": fault})
        place = f"1646614800.{next(self._places):06d}"
        self.posted.append(payload | {"ts": place})
        return _json({"ok": True, "ts": place, "channel": payload["channel"]})


def _json(said: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(said), content_type="application/json")
