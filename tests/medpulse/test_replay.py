"""``medpulse replay``: real archived pages, with servers of its own or on the instance that runs."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from events.view.catalog import METRICS
from events.view.reader import View
from medpulse.embedded.servers import embedded_redis
from tests.medpulse.command import answer, gone, left, medpulse, refused, running

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
PUBLISHED = {
    "fda-ai-list": 476,
    "hkex-applications": 2,
    "sse-ipo": 3,
    "szse-ipo": 4,
    "bse-ipo": 3,
    "hkex-new-listings": 7,
}
DAY = date(2026, 12, 31)


@pytest.fixture
def archive(shared: Path) -> str:
    return str(shared / "data" / "payloads" / "exchanges_and_fda.warc.gz")


def metrics(home: Path) -> dict[str, Any]:
    """Every metric's value and every table of it, read from the store of the data folder."""
    return asyncio.run(_metrics(home))


async def _metrics(home: Path) -> dict[str, Any]:
    async with embedded_redis(home) as url:
        redis: Redis = Redis.from_url(url)
        view = View(redis)
        found: dict[str, Any] = {}
        for name, spec in METRICS.items():
            found[name] = await view.value(name, DAY)
            for by in [*spec.dims, *filter(None, [spec.states])]:
                found[f"{name} by {by}"] = await view.table(name, by, DAY)
        await redis.aclose()
    return found


def test_it_publishes_the_real_rows_once(tmp_path: Path, archive: str) -> None:
    assert answer(tmp_path, "replay", archive) == {
        "pages": 6,
        "notices": PUBLISHED,
        "unowned": [],
        "unread": [],
        "broken": [],
    }
    assert left(tmp_path) == []
    first = metrics(tmp_path)
    assert first["overseas_clearances"] == 476
    assert sum(first["overseas_clearances by year"].values()) == 476
    assert answer(tmp_path, "metrics", "get", "overseas_clearances")["value"] == 476
    assert answer(tmp_path, "replay", archive)["notices"] == PUBLISHED
    assert metrics(tmp_path) == first


def test_it_uses_the_instance_that_runs(tmp_path: Path, archive: str) -> None:
    with running(tmp_path) as up:
        assert answer(tmp_path, "replay", archive)["notices"] == PUBLISHED
        assert answer(tmp_path, "metrics", "get", "overseas_clearances")["value"] == 476
        assert up.poll() is None
    gone(tmp_path)


def test_a_file_that_is_no_archive_is_one_line(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.warc.gz"
    garbage.write_bytes(bytes(range(256)) * 20)
    refused(medpulse(tmp_path / "home", "replay", str(garbage)), str(garbage), "no page that can be read")
    refused(medpulse(tmp_path / "home", "replay", str(tmp_path / "none.warc")), "No such file")
    refused(medpulse(tmp_path / "home", "replay", str(tmp_path)), "Is a directory")
