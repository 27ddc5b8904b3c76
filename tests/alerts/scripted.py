"""An HTTP server on loopback that answers with any bytes at all, so that every status and every way to break off can be had."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its line, its headers in lower case, and its body."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Scripted:
    """``status``, ``headers`` and ``body`` make the answer; ``raw`` takes their place; ``hang`` keeps the body open."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    raw: bytes | None = None
    hang: bool = False
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/s3cr3t/hook"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.asked.append(await _request(reader))
            writer.write(self.raw if self.raw is not None else self._answer())
            await writer.drain()
            if self.hang:
                await reader.read()  # until the other side has had enough
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self) -> bytes:
        fields = {"Content-Length": str(len(self.body)), "Connection": "close", **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"HTTP/1.1 {self.status} Scripted\r\n{head}\r\n".encode() + self.body


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *rest = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(line, headers, body)
