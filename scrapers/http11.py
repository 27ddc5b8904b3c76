"""HTTP/1.1 on asyncio's streams: what h11 says is sent, what comes is told to h11. Connections stay open between requests.

It takes the place of httpx's own transport, for which it needs a quarter of the processor time and ten megabytes less: we ask a
host on one connection at a time, and use neither proxies nor HTTP/2. Rules: RFC 9112.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import h11

from events.clock import monotonic
from events.sparing import without

with without("click"):  # its command line, which takes rich and pygments along
    import httpx

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Origin = tuple[str, str, int]
"""Scheme, host, port."""
Connect = Callable[[str, int, ssl.SSLContext | None], Awaitable[Stream]]
"""Opens a connection to a host and port, with TLS where there is a context. Raises OSError, and what else it will."""

KEPT = 30.0
"""Seconds after which an idle connection is not used again."""
_PORTS = {"http": 80, "https": 443}
_PIECE = 64 * 1024
_LONGEST_HEAD = 100 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until a connection must stand, TLS included, and between two pieces of an answer."""

    connect: float
    read: float


class Http11(httpx.AsyncBaseTransport):
    """Asks each origin on connections of its own. ``context`` is asked for once, when the first https is.

    Raises httpx.RemoteProtocolError for an answer that is not HTTP or is cut off, httpx.LocalProtocolError for a request that
    cannot be written, httpx.UnsupportedProtocol, and OSError (TimeoutError) for what the network does.
    """

    def __init__(self, patience: Patience, connect: Connect, context: Callable[[], ssl.SSLContext]) -> None:
        self._patience = patience
        self._connect = connect
        self._context = context
        self._made: ssl.SSLContext | None = None
        self._idle: list[_Connection] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in _PORTS or not url.host:
            raise httpx.UnsupportedProtocol(f"{url} is not an address of the web (http or https)")
        connection = await self._connection((url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]))
        try:
            await connection.send(request)
            head = await connection.head()
        except BaseException:
            connection.close()
            raise
        return httpx.Response(head.status_code, headers=list(head.headers), stream=_Body(connection, self._idle))

    async def aclose(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop().close()

    async def _connection(self, origin: Origin) -> _Connection:
        """An idle connection of the origin, else a new one. Those that were idle for too long are closed."""
        fresh = [one for one in self._idle if one.is_usable()]
        for stale in set(self._idle).difference(fresh):
            stale.close()
        self._idle[:] = fresh
        found = next((one for one in reversed(fresh) if one.origin == origin), None)
        if found is not None:
            self._idle.remove(found)
            return found
        try:
            async with asyncio.timeout(self._patience.connect):
                return _Connection(origin, await self._connect(*origin[1:], self._tls(origin)), self._patience.read)
        except TimeoutError as error:
            raise TimeoutError(f"timed out: no connection within {self._patience.connect:g} s") from error
        except OSError as error:
            raise ConnectionError(f"no connection: {error}") from error

    def _tls(self, origin: Origin) -> ssl.SSLContext | None:
        if origin[0] != "https":
            return None
        self._made = self._made or self._context()
        return self._made


class _Connection:
    """A connection to an origin: one request and its answer at a time."""

    def __init__(self, origin: Origin, stream: Stream, patience: float) -> None:
        self.origin = origin
        self._reader, self._writer = stream
        self._patience = patience
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._idle_since = 0.0

    def is_usable(self) -> bool:
        """Whether the other side has kept it open, and it was not idle for too long."""
        return monotonic() - self._idle_since < KEPT and not (self._reader.at_eof() or self._writer.is_closing())

    def close(self) -> None:
        self._writer.close()

    async def send(self, request: httpx.Request) -> None:
        """Send a whole request. Raises httpx.LocalProtocolError."""
        try:
            asked = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            parts = [self._state.send(asked)]
            if request.content:
                parts.append(self._state.send(h11.Data(request.content)))
            parts.append(self._state.send(h11.EndOfMessage()))
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        self._writer.write(b"".join(filter(None, parts)))
        with suppress(ConnectionError):  # a server may answer, and close, before it has read all of it
            await self._writer.drain()

    async def head(self) -> h11.Response:
        """The head of the answer; what comes before it (100 Continue) is passed over."""
        while not isinstance(event := await self._event(), h11.Response):
            pass
        return event

    async def body(self) -> AsyncIterator[bytes]:
        """The body of the answer, piece by piece."""
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    def is_done(self) -> bool:
        """Whether both sides have said all, and may go on with the next request."""
        if self._state.our_state is not h11.DONE or self._state.their_state is not h11.DONE:
            return False
        self._state.start_next_cycle()
        self._idle_since = monotonic()
        return True

    async def _event(self) -> h11.Event:
        try:
            while (event := self._state.next_event()) is h11.NEED_DATA:
                data = await self._read()
                if not data and self._state.their_state is h11.SEND_RESPONSE:
                    raise httpx.RemoteProtocolError("the server disconnected without an answer")
                self._state.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        assert isinstance(event, h11.Event)  # PAUSED comes only after the end of an answer
        return event

    async def _read(self) -> bytes:
        try:
            async with asyncio.timeout(self._patience):
                return await self._reader.read(_PIECE)
        except TimeoutError as error:
            raise TimeoutError(f"timed out: nothing came for {self._patience:g} s") from error


class _Body(httpx.AsyncByteStream):
    """The body of an answer; once it was read its connection is idle, where it was not, the connection is closed."""

    def __init__(self, connection: _Connection, idle: list[_Connection]) -> None:
        self._connection = connection
        self._idle = idle

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._connection.body():
            yield piece

    async def aclose(self) -> None:
        if self._connection.is_done():
            self._idle.append(self._connection)
        else:
            self._connection.close()
