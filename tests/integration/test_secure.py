"""Encrypted connections and logins: a real worker over TLS to Apache Kafka and redis-server, and what each refusal says."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.exceptions import NoPermissionError

from events.addresses import redis_client
from events.kafka import BrokerAway, create_topics, publisher
from events.view import layout
from events.wire import record
from streams.store import Store
from tests.integration.secure import USER, Authority, authority, secure_kafka, secure_redis
from tests.kafka_fixture import held
from tests.streams.fire import Worker
from tests.streams.make import approval

PASSWORD = "correct-horse-battery-staple"  # pragma: allowlist secret
EVENTS = 20


@dataclass(frozen=True, slots=True)
class Secured:
    """Two addresses that work, and the folder with one authority that signed and one that did not."""

    kafka: str
    redis: str
    signed: Authority
    folder: Path


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secure")
    signed = authority(folder / "ca", PASSWORD)
    with held(secure_kafka(folder, signed)) as kafka, held(secure_redis(folder, signed)) as redis:
        files = f"password_file={signed.password}&ca_file={signed.ca}"
        yield Secured(
            f"sasl_ssl://{USER}@127.0.0.1:{kafka}?{files}",
            f"rediss://{USER}@127.0.0.1:{redis}/0?{files}",
            signed,
            folder,
        )


@pytest.mark.asyncio
async def test_a_worker_does_its_work_over_tls_and_its_log_holds_no_secret(secured: Secured, tmp_path: Path) -> None:
    await create_topics(secured.kafka)
    redis = redis_client(secured.redis)

    async def applied() -> bool:
        return int(await redis.hlen(layout.applied(layout.FIRST))) >= EVENTS

    try:
        await Store(redis).load()
        async with publisher(secured.kafka, idempotent=True, redis=redis) as out:
            await out.send([record(approval(f"国械注准2022321{n:04d}", day=n)) for n in range(EVENTS)])
        with Worker(secured.kafka, secured.redis, tmp_path, idempotent=True) as worker:
            await worker.until("every event is applied", applied)
        with pytest.raises(NoPermissionError):
            await redis.set("somebody-else:key", "1")
    finally:
        await redis.aclose()
    assert PASSWORD not in (tmp_path / "worker.log").read_text(encoding="utf-8", errors="replace")


@pytest.mark.asyncio
async def test_a_stranger_s_certificate_is_not_accepted(secured: Secured, tmp_path: Path) -> None:
    stranger = authority(tmp_path / "ca", PASSWORD)
    with pytest.raises(BrokerAway, match=f"signed by {stranger.ca}"):
        await create_topics(secured.kafka.replace(str(secured.signed.ca), str(stranger.ca)))


def test_a_wrong_password_is_told_in_one_line_without_it(secured: Secured, tmp_path: Path) -> None:
    wrong = authority(tmp_path / "ca", "not-the-right-password")
    kafka, redis = (
        address.replace(str(secured.signed.password), str(wrong.password)) for address in (secured.kafka, secured.redis)
    )
    told = _run_worker(secured.kafka, redis, tmp_path)
    assert "check the user and the password in MEDPULSE_REDIS" in told
    told += _run_worker(kafka, secured.redis, tmp_path)
    assert f"the login of {USER} by SCRAM-SHA-512 must be right" in told
    assert "not-the-right-password" not in told
    assert PASSWORD not in told


def _run_worker(kafka: str, redis: str, home: Path) -> str:
    env = os.environ | {"MEDPULSE_KAFKA": kafka, "MEDPULSE_REDIS": redis, "MEDPULSE_HOME": str(home)}
    command = [sys.executable, "-m", "medpulse", "run", "worker"]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    return ended.stderr


def test_the_servers_refuse_whoever_speaks_in_the_clear(secured: Secured) -> None:
    plain = secured.kafka.partition("@")[2].partition("?")[0]
    with pytest.raises(BrokerAway):
        asyncio.run(asyncio.wait_for(create_topics(plain), 60))
