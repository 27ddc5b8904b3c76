"""What operators ask: health, metrics, and what is said when Redis is away."""

from __future__ import annotations

import shutil
import subprocess

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from board.prometheus import TABLE
from events.view import layout
from tests.board.conftest import client_of
from tests.board.town import certificates, everything, fill

pytestmark = pytest.mark.asyncio
NOBODY = "redis://127.0.0.1:1/0"


async def test_healthy(board: httpx.AsyncClient) -> None:
    answer = await board.get("/healthz")
    health = answer.json()
    assert answer.status_code == 200, health
    assert (health["status"], health["redis"], health["view"]) == ("ok", "answers", "present")
    assert health["lag"]["medpulse.events"] == 3


async def test_a_fresh_installation_is_no_fault_but_a_missing_view_is(redis: Redis) -> None:
    async with client_of(redis) as client:
        fresh = await client.get("/healthz")
        assert (fresh.status_code, fresh.json()["view"]) == (200, "empty")
        await redis.set(layout.LIVE, "v7")
        missing = await client.get("/healthz")
        assert (missing.status_code, missing.json()["view"], missing.json()["view_name"]) == (503, "missing", "v7")


async def test_metrics_tell_the_sector_and_the_running(board: httpx.AsyncClient) -> None:
    answer = await board.get("/metrics")
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples[("medpulse_sector_class3_certificates",)] == 49
    assert samples[("medpulse_sector_class3_certificates_by_scenario", ("scenario", "ct_ffr"))] == 6
    assert samples[("medpulse_sector_pricing_provinces_by_product", ("product", "airdoc_fundus"))] == 5
    assert samples[("medpulse_source_state", ("source", "nhsa-price-guides"), ("state", "failing"))] == 1
    assert samples[("medpulse_source_state", ("source", "nhsa-price-guides"), ("state", "healthy"))] == 0
    assert samples[("medpulse_source_last_outcome", ("outcome", "throttled"), ("source", "cninfo"))] == 1
    assert samples[("medpulse_lag_messages", ("group", "medpulse-streams"), ("topic", "medpulse.events"))] == 3
    assert samples[("medpulse_dead_letters_total", ("stage", "enrich"))] == 2
    assert samples[("medpulse_deliveries_recorded",)] == 6
    failed = ("channel", "email"), ("reason", "repeat"), ("status", "failed")
    assert samples[("medpulse_deliveries_last_day", *failed)] == 1


async def test_metrics_pass_promtool_and_every_name_of_the_table_is_told(board: httpx.AsyncClient) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    text = (await board.get("/metrics")).content
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)  # noqa: ASYNC221
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
    told = {family.name for family in text_string_to_metric_families(text.decode())}
    assert told == set(TABLE)


async def test_redis_away_is_said_plainly_everywhere() -> None:
    async with Redis.from_url(NOBODY, retry=Retry(NoBackoff(), 0)) as nobody, client_of(nobody) as client:
        page = await client.get("/", headers={"accept": "text/html"})
        assert page.status_code == 503
        assert "The figures cannot be read just now" in page.text
        chinese = await client.get("/?lang=zh", headers={"accept": "text/html"})
        assert "暂时无法读取数据" in chinese.text
        for path in ("/api/summary", "/api/events", "/api/stream", "/metrics", "/charts/ipo.svg"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["detail"].startswith("Redis does not answer")
            assert "Traceback" not in answer.text
        health = await client.get("/healthz")
        assert health.status_code == 503
        assert health.json() == {
            "status": "unavailable",
            "redis": "away",
            "view": "unknown",
            "view_name": None,
            "events": None,
            "lag": None,
        }


async def test_a_key_of_another_kind_is_not_mistaken_for_redis_away(filled: Redis) -> None:
    await filled.set(layout.produced("medpulse.events"), "no sorted set")
    async with client_of(filled) as client:
        health = await client.get("/healthz")
        assert (health.status_code, health.json()["redis"], health.json()["view"]) == (503, "answers", "unreadable")
        metrics = await client.get("/metrics")
        assert (metrics.status_code, metrics.json()["title"]) == (500, "Internal Server Error")


async def test_an_unreadable_event_is_a_plain_fault(redis: Redis) -> None:
    await fill(redis)
    newest = next(certificates()).event_id
    await redis.hset(layout.events(layout.FIRST), newest, b'{"type": "device_approval"}')
    async with client_of(redis) as client:
        answer = await client.get(f"/api/events/{newest}")
        assert answer.status_code == 500
        assert "could not be read" in answer.json()["detail"]
        rest = (await client.get("/api/events?limit=200")).json()
        assert rest["total"] == len(everything()) - 1, "one that cannot be read hides no other"
        assert newest not in {event["event_id"] for event in rest["items"]}
