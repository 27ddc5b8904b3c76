"""One exchange with a site: a request sent, and the head of its answer. With `scrapers.connections` all that knows httpx.

httpx's transports are used without its client, which would cost as much again as they do: we keep no cookies, follow redirects
ourselves, and take no settings from the environment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from urllib.parse import urlsplit

from events.sparing import without
from scrapers.answer import Broken, Refused, Unreachable
from scrapers.connections import Connections
from scrapers.page import Request

with without("click"):  # its command line, which takes rich and pygments along
    import httpx

Response = httpx.Response
"""An answer whose body is still to be read."""

_url = lru_cache(maxsize=512)(httpx.URL)  # most requests are for the lists that the last polls asked for
Transport = httpx.AsyncBaseTransport
"""What may take the place of the network: the simulator's town."""


class Exchange:
    """Sends requests. Keeps connections and no cookies; verifies certificates. ``aclose`` ends its connections.

    ``timeouts`` are httpx's: seconds to ``connect``, ``read``, ``write``, and to wait for the ``pool``. ``other_names`` are the
    hosts whose certificates may bear another name.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        timeouts: Mapping[str, float],
        *,
        transport: Transport | None = None,
        allow_private: bool = False,
        other_names: Iterable[str] = (),
    ) -> None:
        self._headers = httpx.Headers({"Accept": "*/*", "Connection": "keep-alive", **headers})
        self._extensions = {"timeout": dict(timeouts)}
        self._transport = transport or Connections(allow_private=allow_private, other_names=other_names)

    async def aclose(self) -> None:
        """End the connections."""
        await self._transport.aclose()

    @asynccontextmanager
    async def sent(self, request: Request) -> AsyncIterator[Response]:
        """The answer's head, its body still to be read. Raises `FetchError`, also for what goes wrong while it is read."""
        try:
            response = await self._transport.handle_async_request(self._built(request))
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.RemoteProtocolError as error:
            gone = "disconnected without" in str(error)
            raise (Unreachable if gone else Broken)(f"the answer is not whole: {error}") from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Refused(f"{request.url!r} cannot be asked for: {error}") from error
        except (httpx.HTTPError, OSError) as error:
            raise Unreachable(f"{urlsplit(request.url).netloc}: {str(error) or type(error).__name__}") from error

    def _built(self, request: Request) -> httpx.Request:
        headers = self._headers
        if request.headers:
            headers = headers.copy()
            headers.update(request.headers)
        url = _url(request.url)
        built = httpx.Request(
            request.method,
            url,
            headers=headers,
            data=request.form,
            json=request.json,
            extensions=self._extensions,
        )
        if url.userinfo:
            return next(httpx.BasicAuth(url.username, url.password).sync_auth_flow(built))
        return built
