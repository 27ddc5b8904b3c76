"""Connections to sites: kept open between requests, certificates verified, and private addresses refused where they are made.

httpcore goes through all connections of a pool at each request and after it, and asks the system of each whether it still
stands: with a pool for everything that costs more than the request once some dozens of hosts are polled. So there are many
pools, and a host always has the same one.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from zlib import crc32

import httpcore

from events.sparing import without
from scrapers.guard import GuardedBackend

with without("click"):  # its command line, which takes rich and pygments along
    import httpx

POOLS = 64
"""About as many as there are hosts in the catalogue: each has a pool nearly to itself."""
KEPT_SECONDS = 30.0
"""How long a connection waits for its next request."""


class Connections(httpx.AsyncBaseTransport):
    """httpx's own transport, once for each pool. A pool is not bounded: each host is asked for one page at a time.

    ``other_names`` are the hosts whose certificates may bear the name of another; they must still be vouched for.
    """

    def __init__(self, *, allow_private: bool, other_names: Iterable[str] = ()) -> None:
        self._allow_private = allow_private
        self._other_names = frozenset(other_names)
        self._named = httpx.create_ssl_context()
        self._unnamed = self._named
        if self._other_names:
            self._unnamed = httpx.create_ssl_context()
            self._unnamed.check_hostname = False
        self._pools: dict[tuple[bool, int], httpx.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx's errors, and `scrapers.guard.Forbidden`."""
        url = request.url
        unnamed = url.scheme == "https" and url.host in self._other_names
        place = unnamed, crc32(url.netloc) % POOLS
        pool = self._pools.get(place)
        if pool is None:
            pool = self._pools[place] = _pool(self._unnamed if unnamed else self._named, self._allow_private)
        return await pool.handle_async_request(request)

    async def aclose(self) -> None:
        """End the connections."""
        for pool in self._pools.values():
            await pool.aclose()


def _pool(context: ssl.SSLContext, allow_private: bool) -> httpx.AsyncBaseTransport:
    """A pool of connections; unless private addresses are allowed, they go through the guard."""
    limits = httpx.Limits(keepalive_expiry=KEPT_SECONDS)
    transport = httpx.AsyncHTTPTransport(verify=context, limits=limits)
    if not allow_private:
        # httpx has no argument for the network backend of its pool; httpx is pinned, and a test holds this to its effect.
        transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001
            ssl_context=context,
            max_connections=limits.max_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=GuardedBackend(),
        )
    return transport
