"""How a scraper reaches the town by the real URLs: in process, or through one real server on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from simulator.faults import Manner
from simulator.town import Served, Town, pieces


class TownTransport(httpx.AsyncBaseTransport):
    """Answers in process. A host that is not of the town cannot be resolved; what hangs is a read that timed out at once.

    Raises httpx.ConnectError, httpx.ReadTimeout, and while the body is read httpx.RemoteProtocolError where it is cut off.
    """

    def __init__(self, town: Town) -> None:
        self._town = town
        self._hosts = frozenset(town.hosts)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self._hosts:
            raise httpx.ConnectError(f"[Errno -2] Name or service not known: {request.url.host}", request=request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.aread()
        served = self._town.serve(request.method, request.url.raw_path.decode("ascii"), headers, body)
        if served.manner is Manner.HANG:
            raise httpx.ReadTimeout("the site does not answer", request=request)
        content = _Body(served, self._town.drip_seconds, request)
        return httpx.Response(served.status, headers=list(served.headers), stream=content)


class _Body(httpx.AsyncByteStream):
    def __init__(self, served: Served, drip_seconds: float, request: httpx.Request) -> None:
        self._served, self._drip_seconds, self._request = served, drip_seconds, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._request.method == "HEAD":
            return
        async for piece in pieces(self._served, self._drip_seconds):
            yield piece
        if self._served.manner is Manner.CUT:
            message = "peer closed connection without sending complete message body"
            raise httpx.RemoteProtocolError(message, request=self._request)


class MappedTransport(httpx.AsyncBaseTransport):
    """Sends every host to the one server at ``base_url`` (``http://127.0.0.1:8000``) and keeps the Host header."""

    def __init__(self, base_url: str, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._base = httpx.URL(base_url)
        self._inner = inner or httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        base = self._base
        url = request.url.copy_with(scheme=base.scheme, host=base.host, port=base.port)
        mapped = httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return await self._inner.handle_async_request(mapped)

    async def aclose(self) -> None:
        await self._inner.aclose()
