"""Servers that ask for TLS and a login: Apache Kafka with SCRAM, redis-server with an ACL, certificates of the test's own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from bench.real import KAFKA_SECONDS, RUN, install_kafka, redis_binary
from medpulse.embedded.process import Leashed, free_port
from medpulse.embedded.running import answers
from medpulse.embedded.servers import kafka_answers, ready

USER = "medpulse"
ACL = "~medpulse:* ~{medpulse:* resetchannels +@all -@admin -@dangerous +info"
"""What medpulse's user of Redis needs: its own keys, and INFO. docs/operations.md says the same."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority, what it signed for 127.0.0.1, and the password of `USER`, each in a file."""

    ca: Path
    cert: Path
    key: Path
    password: Path


def authority(folder: Path, password: str) -> Authority:
    """Make one, its files in ``folder``."""
    folder.mkdir()
    made = trustme.CA()
    issued = made.issue_cert("127.0.0.1")
    found = Authority(*(folder / name for name in ("ca.pem", "cert.pem", "key.pem", "password")))
    made.cert_pem.write_to_path(found.ca)
    found.cert.write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    # Kafka reads PKCS#8 only.
    found.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    found.password.write_text(f"{password}\n", encoding="utf-8")
    return found


def _properties(port: int, inner: int, controller: int, keystore: Path) -> str:
    return f"""
listeners=PLAINTEXT://127.0.0.1:{inner},SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{inner},SASL_SSL://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


@asynccontextmanager
async def secure_kafka(folder: Path, signed: Authority) -> AsyncIterator[int]:
    """One Apache Kafka whose outer listener wants TLS and SCRAM-SHA-512; yields the port of that listener, ready."""
    await asyncio.to_thread(install_kafka)
    port, inner, controller = free_port(), free_port(), free_port()
    keystore, extra = folder / "keystore.pem", folder / "extra.properties"
    keystore.write_bytes(signed.key.read_bytes() + signed.cert.read_bytes())
    extra.write_text(_properties(port, inner, controller, keystore), encoding="utf-8")
    password = signed.password.read_text(encoding="utf-8").strip()
    env = os.environ | {
        "KAFKA_EXTRA": str(extra),
        "KAFKA_SCRAM": f"SCRAM-SHA-512=[name={USER},password={password}]",
    }
    command = [str(RUN), "run", str(folder / "data"), str(inner), str(controller)]
    broker = Leashed.start(command, name="Apache Kafka", log=folder / "kafka.log", env=env, grace=30.0)
    try:
        await ready(broker, inner, kafka_answers, within=KAFKA_SECONDS)
        yield port
    finally:
        await asyncio.to_thread(broker.stop)


@asynccontextmanager
async def secure_redis(folder: Path, signed: Authority) -> AsyncIterator[int]:
    """One redis-server that listens with TLS only and knows `USER` only, with the rights of `ACL`; yields its port."""
    port = free_port()
    password = signed.password.read_text(encoding="utf-8").strip()
    settings = folder / "redis.conf"
    settings.write_text(
        f"port 0\ntls-port {port}\nbind 127.0.0.1\ndir {folder}\ntls-auth-clients no\n"
        f"tls-cert-file {signed.cert}\ntls-key-file {signed.key}\ntls-ca-cert-file {signed.ca}\n"
        f"user default off\nuser {USER} on >{password} {ACL}\n",
        encoding="utf-8",
    )
    store = Leashed.start([redis_binary(), settings], name="redis-server", log=folder / "redis.log")

    async def listens(port: int) -> bool:
        return answers(f"127.0.0.1:{port}")

    try:
        await ready(store, port, listens)
        yield port
    finally:
        await asyncio.to_thread(store.stop)
