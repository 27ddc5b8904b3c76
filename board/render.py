"""Charts as SVG or PNG: a cache over the drawing process (`board/draw.py`)."""

from __future__ import annotations

import asyncio
import base64
import sys
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict
from pathlib import Path

import orjson

from board.orders import Order
from events.ids import digest

ROOT = Path(__file__).resolve().parent.parent
KEPT = 256
LONGEST_ANSWER = 16 * 1024 * 1024


class NotDrawn(RuntimeError):
    """The drawing process refused an order, or ended twice while it worked on it."""


class Renderer:
    """Draws charts, the same one once only. The process is started by the first chart; `aclose` ends it."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[str, str] = OrderedDict()
        self._lock = asyncio.Lock()
        self._process: Process | None = None

    async def svg(self, order: Order) -> tuple[str, str]:
        """The chart as SVG, and the digest that names it. Raises `NotDrawn`."""
        return await self._drawing(order)

    async def png(self, order: Order) -> bytes:
        """The chart as PNG. Raises `NotDrawn`."""
        drawn, _ = await self._drawing(order.model_copy(update={"png": True}))
        return base64.b64decode(drawn)

    async def _drawing(self, order: Order) -> tuple[str, str]:
        line = order.model_dump_json().encode()
        key = digest(line)
        async with self._lock:
            if key not in self._drawn:
                self._drawn[key] = await self._draw(line)
                if len(self._drawn) > KEPT:
                    self._drawn.popitem(last=False)
            self._drawn.move_to_end(key)
            return self._drawn[key], key

    async def _draw(self, line: bytes) -> str:
        for _ in range(2):
            answer = await self._exchange(line)
            if answer:
                told: dict[str, str] = orjson.loads(answer)
                if "error" in told:
                    raise NotDrawn(told["error"])
                return told["png"] if "png" in told else told["svg"]
            await self.aclose()
        raise NotDrawn("the drawing process ended without an answer, twice")

    async def _exchange(self, line: bytes) -> bytes:
        """One line there and one back; empty if the process has ended."""
        if self._process is None:
            # A session of its own: Ctrl-C is for the board, and the end of its input is what ends the drawing process.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "board.draw",
                stdin=PIPE,
                stdout=PIPE,
                cwd=ROOT,
                limit=LONGEST_ANSWER,
                start_new_session=True,
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(line + b"\n")
            await process.stdin.drain()
            return await process.stdout.readline()
        except ConnectionError:
            return b""
        except asyncio.CancelledError:
            await self.aclose()  # its answer would be taken for that to the next question
            raise

    async def aclose(self) -> None:
        """End the drawing process. The next chart starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.communicate()
