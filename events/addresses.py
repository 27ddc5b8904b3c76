"""Where Kafka and Redis are and how they are spoken to: one address each, which names secrets and never holds them.

Kafka: ``host:port,host:port``, or with TLS and a login::

    ssl://host:port,host:port?ca_file=/etc/medpulse/ca.pem&cert_file=…&key_file=…
    sasl_ssl://user@host:port?mechanism=SCRAM-SHA-512&password_file=/run/secrets/kafka&ca_file=…

Redis: ``redis://host:port/0`` or ``rediss://user@host:port/0?password_file=…&ca_file=…`` (also ``cert_file``, ``key_file``). A
password that stands in a Redis URL is taken too: then the whole variable is the secret, and it is hidden from logs.

``ca_file`` replaces the authorities of the system. Certificates and host names are always verified; nothing here turns it off.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis

from events.connection import sparing
from events.secrets import read_secret, remember

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
_PROTOCOLS: dict[str, Protocol] = {
    "plaintext": "PLAINTEXT",
    "ssl": "SSL",
    "sasl_plaintext": "SASL_PLAINTEXT",
    "sasl_ssl": "SASL_SSL",
}
REDIS_CONNECTIONS = 100
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_TLS = ("ca_file", "cert_file", "key_file")
_SECRET = ("password_env", "password_file")


class BadAddress(ValueError):
    """An address cannot be used. The text says why and what to write instead; it holds no secret."""


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """A Kafka address, taken apart. ``named`` are the parameters: files, and where the password is."""

    servers: tuple[str, ...]
    protocol: Protocol
    username: str | None
    mechanism: str | None
    named: Mapping[str, str]

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.protocol in {"SSL", "SASL_SSL"}

    @property
    def login(self) -> bool:
        """Whether a user name and a password are sent."""
        return self.protocol.startswith("SASL")

    def context(self) -> ssl.SSLContext | None:
        """The TLS settings, None without TLS. Raises `BadAddress` for a file that cannot be read."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.named.get("ca_file"))
            if "cert_file" in self.named:
                context.load_cert_chain(self.named["cert_file"], self.named.get("key_file"))
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(self.named[key] for key in _TLS if key in self.named)
            raise BadAddress(
                f"a certificate or key of Kafka's address cannot be read ({error}): check {files}"
            ) from error
        return context

    def password(self) -> str | None:
        """The password, None without a login. Raises `MissingSecret`."""
        if not self.login:
            return None
        env, file = (self.named.get(key) for key in _SECRET)
        return read_secret(env=env, file=file, environ=os.environ)


def kafka_address(address: str) -> KafkaAddress:
    """Take a Kafka address apart. Raises `BadAddress`."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "plaintext", address
    if scheme not in _PROTOCOLS:
        raise BadAddress(
            f"{scheme}:// is not known; write host:port, or one of {', '.join(f'{s}://' for s in _PROTOCOLS)}"
        )
    place, _, query = rest.partition("?")
    user, at, hosts = place.rpartition("@")
    found = KafkaAddress(
        tuple(_server(one) for one in hosts.rstrip("/").split(",")),
        _PROTOCOLS[scheme],
        unquote(user) if at else None,
        None,
        _parameters(query, (*_TLS, *_SECRET, "mechanism")),
    )
    return _checked(found)


def _checked(found: KafkaAddress) -> KafkaAddress:
    if not found.tls and any(key in found.named for key in _TLS):
        raise BadAddress("certificates are given without TLS: begin the address with ssl:// or sasl_ssl://")
    if not found.login:
        if found.username is not None or any(key in found.named for key in (*_SECRET, "mechanism")):
            raise BadAddress("a user is given without a login: begin the address with sasl_ssl://")
        return found
    if found.username is None or ":" in found.username:
        raise BadAddress("write sasl_ssl://user@host:port, with the password in ?password_file=… or ?password_env=…")
    if not any(key in found.named for key in _SECRET):
        raise BadAddress("the password is missing: add ?password_file=… or ?password_env=…")
    mechanism = found.named.get("mechanism", "SCRAM-SHA-512")
    if mechanism not in MECHANISMS:
        raise BadAddress(f"mechanism {mechanism} is not known; there are {', '.join(MECHANISMS)}")
    return KafkaAddress(found.servers, found.protocol, found.username, mechanism, found.named)


def _server(one: str) -> str:
    host, _, port = one.strip().rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise BadAddress(f"{one.strip()!r} is not host:port; write for example 127.0.0.1:9092")
    return one.strip()


def _parameters(query: str, known: tuple[str, ...]) -> dict[str, str]:
    found = dict(parse_qsl(query, keep_blank_values=True))
    for key, value in found.items():
        if key not in known:
            raise BadAddress(f"the parameter {key} is not known; there are {', '.join(known)}")
        if not value:
            raise BadAddress(f"the parameter {key} is empty")
    return found


def kafka_client(address: str) -> dict[str, Any]:
    """The arguments that every aiokafka client takes for this address. Raises `BadAddress`, `MissingSecret`."""
    found = kafka_address(address)
    settings: dict[str, Any] = {"bootstrap_servers": list(found.servers), "security_protocol": found.protocol}
    if found.tls:
        settings["ssl_context"] = found.context()
    if found.login:
        settings |= {
            "sasl_mechanism": found.mechanism,
            "sasl_plain_username": found.username,
            "sasl_plain_password": found.password(),
        }
    return settings


def redis_client(url: str, **settings: Any) -> Redis:
    """A Redis client for this address; ``settings`` are those of redis-py. Raises `BadAddress`, `MissingSecret`.

    Who finds all of its `REDIS_CONNECTIONS` in use waits for one, where redis-py's usual pool refuses.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise BadAddress("Redis URL must begin with redis://, or rediss:// with TLS: redis://host:port/0")
    if parts.password:
        remember(unquote(parts.password))
    named = _parameters(parts.query, (*_TLS, *_SECRET) if parts.scheme == "rediss" else _SECRET)
    tls: dict[str, Any] = {f"ssl_{_REDIS_TLS[key]}": named[key] for key in _TLS if key in named}
    env, file = (named.get(key) for key in _SECRET)
    if env or file:
        settings["password"] = read_secret(env=env, file=file, environ=os.environ)
    try:
        pool = BlockingConnectionPool.from_url(
            parts._replace(query="").geturl(), max_connections=REDIS_CONNECTIONS, **tls, **settings
        )
    except ValueError as error:
        raise BadAddress(f"{error}; write redis://host:port/0") from error
    pool.connection_class = sparing(pool.connection_class)
    return Redis.from_pool(pool)


_REDIS_TLS = {"ca_file": "ca_certs", "cert_file": "certfile", "key_file": "keyfile"}


def unanswered(address: str) -> str:
    """What to say when no broker answers at this Kafka address: the servers, and what else than absence it may be."""
    found = kafka_address(address)
    text = f"no Kafka broker answers at {','.join(found.servers)}"
    if found.tls:
        signer = found.named.get("ca_file", "a known authority")
        text += f" over TLS; its certificate must name the host and be signed by {signer}"
    if found.login:
        text += f"; the login of {found.username} by {found.mechanism} must be right"
    return text
