"""A real server on loopback that answers as told: well, badly, or not at all."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

WALL = b"<html><head><script r='m'>window.$_ts={};</script></head><body></body></html>"


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Manner = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Hostile:
    """The server, on any free port; opened again, on the same one.

    ``pages`` maps a path with its query to a manner; what is not in it is a 404. ``asked`` is the record, and ``arrived`` is
    set by the first request for anything but robots.txt.
    """

    context: ssl.SSLContext | None = None
    pages: dict[str, Manner] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str = "/list") -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}{path}"

    def times_asked(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            asked = await _request(reader)
            self.asked.append(asked)
            if asked.path != "/robots.txt":
                self.arrived.set()
            await self.pages.get(asked.path, page(b"not here", 404))(asked, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def page(body: bytes, status: int = 200, **headers: str) -> Manner:
    """A whole answer. A keyword such as ``retry_after`` is the header Retry-After; a matching ETag is answered 304."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if "etag" in named and asked.headers.get("if-none-match") == named["etag"]:
            writer.write(_head(304, named))
        else:
            writer.write(_head(status, {"content-length": str(len(body))} | named) + body)

    return answer


def listed(*items: Mapping[str, object], following: str | None = None, **headers: str) -> Manner:
    """A list in the markup of `tests.scrapers.rig.Small`."""
    return page(json.dumps({"items": items, "next": following}).encode(), 200, **headers)


def redirect(to: str, status: int = 302) -> Manner:
    return page(b"", status, location=to)


def raw(data: bytes) -> Manner:
    """Bytes as they are, and then the end of the connection."""

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return answer


def cut_off(body: bytes) -> Manner:
    """A body that ends before the length that was announced."""
    return raw(_head(200, {"content-length": str(len(body) + 100)}) + body)


def reset(body: bytes) -> Manner:
    """The beginning of a body, and then a connection reset."""

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"content-length": "100000"}) + body)
        await writer.drain()
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return answer


async def hang(_: Asked, __: asyncio.StreamWriter) -> None:
    """No answer, until the server is closed."""
    await asyncio.Event().wait()


async def drip(_: Asked, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever: no single read takes too long."""
    writer.write(_head(200, {}))
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
    """A body without end, as fast as it is taken."""
    writer.write(_head(200, {}))
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join([*lines, "connection: close"]) + "\r\n\r\n").encode("latin-1")


class Mapped(httpx.AsyncHTTPTransport):
    """Sends every name to one port of loopback, as the simulator does it."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._to = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._to)
        return await super().handle_async_request(request)
