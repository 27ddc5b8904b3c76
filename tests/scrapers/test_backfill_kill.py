"""A backfill that is killed with ``kill -9`` goes on: nothing is lost, and at most the page in hand is said again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.notice import NoticeBatch
from events.topics import NOTICES
from events.wire import decode
from scrapers.archive_index import ArchiveIndex
from scrapers.cursor import RedisCursors
from simulator.facts import facts
from simulator.serve import served
from simulator.town import Town
from tests.kafka_read import read_all
from tests.scrapers.backfill_child import SOURCE

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
KILLED = -9


def _child(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.scrapers.backfill_child", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


async def _said(bootstrap: str, skip: int) -> Counter[str]:
    """How often each item was said, in the messages after the first ``skip``; these are of this test's own source."""
    messages = [m for m in await read_all(bootstrap, NOTICES) if m.key == SOURCE.encode()]
    return Counter(n.item_key for m in messages[skip:] for n in decode(NoticeBatch, m.value).notices)


async def _count(bootstrap: str) -> int:
    return sum(m.key == SOURCE.encode() for m in await read_all(bootstrap, NOTICES))


@pytest.mark.asyncio
@pytest.mark.parametrize(("where", "number"), [("sent", 2), ("marked", 2), ("saved", 2), ("sent", 1)])
async def test_after_a_kill_it_goes_on(
    where: str, number: int, tmp_path: Path, bootstrap: str, redis: Redis, redis_url: str
) -> None:
    town = Town(facts(), VirtualClock(datetime(2022, 8, 15, tzinfo=UTC)))
    with served(town) as url:
        before = await _count(bootstrap)
        killed = _child(url, redis_url, bootstrap, str(tmp_path / "a"), where, str(number))
        assert killed.returncode == KILLED, killed.stderr
        kept = await RedisCursors(redis).load(SOURCE)
        assert (kept.pages if kept else 0) == (number if where == "saved" else number - 1)
        heads = sum(visit.url.endswith("/index.html") for visit in town.visits)
        ended = _child(url, redis_url, bootstrap, str(tmp_path / "a"), "never", "1")
        assert ended.returncode == 0, ended.stderr
        again = sum(visit.url.endswith("/index.html") for visit in town.visits) - heads
        said = await _said(bootstrap, before)
        await redis.flushall()
        before = await _count(bootstrap)
        plain = _child(url, redis_url, bootstrap, str(tmp_path / "b"), "never", "1")
        whole = await _said(bootstrap, before)
    assert json.loads(plain.stdout)["end"] == "done"
    assert len(whole) > 40, "several pages of items"
    assert set(said) == set(whole), "nothing was lost"
    twice = [key for key, times in said.items() if times > 1]
    assert len(twice) <= (20 if where == "sent" else 0), "only the items of the page in hand, not yet marked"
    assert again == (1 if number == 1 else 0), "it did not begin anew"
    pages = json.loads(ended.stdout)["pages"] + (kept.pages if kept else 0)
    assert pages == json.loads(plain.stdout)["pages"]
    kept_urls = {entry.url for entry in ArchiveIndex(tmp_path / "a").find()}
    assert kept_urls == {entry.url for entry in ArchiveIndex(tmp_path / "b").find()}
