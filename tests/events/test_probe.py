"""The port of a room: what it tells, and what it says of a loop that hangs or of servers that are away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from redis.asyncio import Redis

from events import telemetry
from events.kafka import Publisher
from events.probe import SILENT_SECONDS, Probe, look

NOBODY = "127.0.0.1:1"


@pytest.fixture
def probe() -> Iterator[Probe]:
    with Probe("worker", "127.0.0.1", 0) as made:
        yield made


def _get(probe: Probe, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", probe.port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_metrics_are_those_of_the_table_with_their_help(probe: Probe) -> None:
    telemetry.POLLS.labels("cninfo", "new").inc()
    status, text = _get(probe, "/metrics")
    assert status == 200
    assert 'medpulse_polls_total{outcome="new",source="cninfo"}' in text
    assert 'medpulse_build{room="worker",version="' in text
    for row in telemetry.TABLE.values():
        exposed = f"{row.name}_total" if row.kind == "counter" else row.name
        assert f"# HELP {exposed} {row.help}" in text
        assert f"# TYPE {exposed} {row.kind}" in text


def test_a_name_that_is_not_in_the_table_is_nobody_s() -> None:
    own = {family.name for family in telemetry.REGISTRY.collect() if family.name.startswith("medpulse_")}
    assert own == set(telemetry.TABLE)


def test_a_loop_that_beats_is_alive_and_one_that_hangs_is_not(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    probe.beat({"redis": True, "kafka": True})
    assert _get(probe, "/healthz")[0] == 200
    assert _get(probe, "/readyz")[0] == 200
    monkeypatch.setattr("events.probe.SILENT_SECONDS", -1.0)
    status, body = _get(probe, "/healthz")
    assert (status, json.loads(body)["alive"]) == (503, False)
    assert SILENT_SECONDS > 0


def test_servers_that_are_away_make_it_unready_not_dead(probe: Probe) -> None:
    probe.beat({"redis": False, "kafka": True})
    assert _get(probe, "/healthz")[0] == 200
    status, body = _get(probe, "/readyz")
    assert (status, json.loads(body)["there"]) == (503, {"redis": False, "kafka": True})


@pytest.mark.asyncio
async def test_the_loop_beats_with_what_it_depends_on(probe: Probe, redis: Redis) -> None:
    publisher = Publisher(NOBODY, idempotent=False)
    publisher.waiting = 1
    assert await look(redis, publisher) == {"redis": True, "kafka": False}
    async with Redis.from_url(f"redis://{NOBODY}") as nobody:
        assert await look(nobody, Publisher(NOBODY, idempotent=False)) == {"redis": False, "kafka": True}
    looked = asyncio.Event()

    async def once() -> dict[str, bool]:
        looked.set()
        return {"redis": True}

    beating = asyncio.create_task(probe.beating(once))
    await looked.wait()
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    assert looked.is_set()


def test_another_path_is_told_what_there_is(probe: Probe) -> None:
    status, body = _get(probe, "/")
    assert status == 404
    assert "/metrics" in body


def test_a_label_with_too_many_values_is_bounded() -> None:
    values = {telemetry.bounded("test", "source", f"s{n}") for n in range(telemetry.MOST_VALUES + 50)}
    assert len(values) == telemetry.MOST_VALUES + 1
    assert telemetry.OTHER in values
    assert telemetry.bounded("test", "source", "s1") == "s1"
