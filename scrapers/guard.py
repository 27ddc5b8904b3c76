"""No request of ours reaches a private address by a site's leave (server-side request forgery).

The address is checked where the connection is made, so that a name that resolves differently the second time gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


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


async def connect_public(
    host: str, port: int, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a public address, with TLS where there is a context.

    A name with one private address among its own is refused whole. Raises `Forbidden`, OSError.
    """
    failed: OSError | None = None
    for address in await _checked(host, port):
        try:
            return await connect(address, port, context, name=host)
        except ssl.SSLError:
            raise
        except OSError as error:
            failed = error
    raise failed or OSError(f"{host} has no address")


async def connect(
    host: str, port: int, context: ssl.SSLContext | None, name: str | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to any address; ``name`` is whose certificate is asked for, the host's own if None. Raises OSError."""
    return await asyncio.open_connection(host, port, ssl=context, server_hostname=(name or host) if context else None)


async def _checked(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OSError(f"{host} cannot be resolved: {error}") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        if not is_public(address):
            raise Forbidden(f"{host} is the private address {address}")
    return addresses
