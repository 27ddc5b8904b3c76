"""A receiver like Slack's incoming webhook: it answers ``ok`` and counts what it was told."""

from __future__ import annotations

import re
from collections import Counter

from aiohttp import web

from alerts.render import POSSIBLE_DUPLICATE
from bench.loopback import Loopback

_NUMBER = re.compile(r"国械注准\d+")
_MARK = POSSIBLE_DUPLICATE.split(":", maxsplit=1)[0]


class SlackLike(Loopback):
    """Counts, by certificate number, the messages that told of it, and those of them that were marked possible duplicates."""

    def __init__(self) -> None:
        self.messages = 0
        self.told: Counter[str] = Counter()
        self.marked: Counter[str] = Counter()
        app = web.Application()
        app.router.add_post("/hook", self._take)
        super().__init__(app)

    @property
    def unmarked_duplicates(self) -> int:
        """How often somebody was told again without a word that it may be a repetition."""
        return sum(max(0, times - 1 - self.marked[number]) for number, times in self.told.items())

    @property
    def duplicates(self) -> int:
        """How often somebody was told again."""
        return sum(times - 1 for times in self.told.values())

    async def _take(self, request: web.Request) -> web.Response:
        text = str(await request.json())
        numbers = set(_NUMBER.findall(text))
        self.messages += 1
        self.told.update(numbers)
        if _MARK in text:
            self.marked.update(numbers)
        return web.Response(text="ok")
