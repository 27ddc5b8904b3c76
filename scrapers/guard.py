"""No request of ours reaches a private address by a site's leave (server-side request forgery).

The address is checked where the connection is made, so that a name that resolves differently the second time gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpcore

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SOCKET_OPTION = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Forbidden(Exception):
    """An address or a scheme that is not asked, whoever points to it. The text names it."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet, also where it is wrapped in IPv6 (mapped, NAT64, 6to4)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = (
            ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        )
        ip = inner or ip
    return ip.is_global and not ip.is_multicast


def check_url(url: str, *, allow_private: bool) -> None:
    """Raises `Forbidden` for a URL that is not http(s), names no host, or states a private address outright."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        raise Forbidden(f"{url!r} is no URL: {error}") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise Forbidden(f"{url!r} is not an address of the web (http or https)")
    if not allow_private and _states_private(host):
        raise Forbidden(f"{host} is a private address")


def _states_private(host: str) -> bool:
    if host.rstrip(".").rpartition(".")[2] == "localhost":
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only. A name with one private address among its own is refused whole."""

    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[_SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `Forbidden`, and httpcore's own errors."""
        failed: Exception | None = None
        for address in await _checked(host, port, timeout):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _checked(host: str, port: int, seconds: float | None) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"{host} was not resolved in {seconds} s") from error
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        if not is_public(address):
            raise Forbidden(f"{host} is the private address {address}")
    return addresses
