"""``medpulse up`` as an operator sees it: what it answers, how it ends, what it keeps."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import urllib.request
from pathlib import Path
from threading import Thread

import orjson
import pytest
from redis.asyncio import Redis

from events.event import EventBase
from events.kafka import publisher
from events.wire import record
from medpulse.embedded.running import Running, find_running
from tests.medpulse.command import MEDPULSE, answer, environment, gone, left, medpulse, refused, running
from tests.streams.make import approval

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
ASKED = ("metrics", "get", "class3_certificates", "--by", "scenario")


def where(home: Path) -> Running:
    found = find_running(home)
    assert found is not None
    return found


def ended(home: Path, process: subprocess.Popen[str]) -> None:
    """Assert that it ended in good order and took everything with it."""
    assert process.wait(40) == 0, (home / "up.err").read_text()
    gone(home)
    assert not (home / "run.json").exists()


def follow(home: Path, published: EventBase) -> str:
    """The first line of ``events tail --json``, while the event is published again and again."""
    lines: list[str] = []
    with subprocess.Popen(
        [*MEDPULSE, "events", "tail", "--json"], env=environment(home, {}), stdout=subprocess.PIPE, text=True
    ) as tail:
        assert tail.stdout is not None
        reader = Thread(target=lambda: lines.append(tail.stdout.readline() if tail.stdout else ""))
        reader.start()
        asyncio.run(_publish_until(where(home), published, reader))
        tail.send_signal(signal.SIGINT)
        assert tail.wait(20) == 0
    return lines[0]


async def _publish_until(at: Running, event: EventBase, reader: Thread) -> None:
    redis: Redis = Redis.from_url(at.redis_url)
    try:
        async with publisher(at.bootstrap, idempotent=False, redis=redis) as out:
            while reader.is_alive():
                await out.send([record(event)])
                await asyncio.to_thread(reader.join, 0.2)
    finally:
        await redis.aclose()


def test_it_answers_and_keeps_what_it_knows(tmp_path: Path) -> None:
    with running(tmp_path) as up:
        found = where(tmp_path)
        assert found.pid == up.pid
        with urllib.request.urlopen(f"{found.board_url}/healthz") as healthy:
            assert healthy.status == 200
        rows = {row["what"]: row for row in answer(tmp_path, "doctor")}
        assert rows["board"]["found"] == f"up at {found.board_url}"
        assert found.bootstrap in rows["Kafka"]["found"]
        refused(medpulse(tmp_path, "up"), f"already running on {tmp_path}, pid {up.pid}")
        assert orjson.loads(follow(tmp_path, approval()))["certificate_number"] == "国械注准20203210035"
        up.send_signal(signal.SIGTERM)
        ended(tmp_path, up)
    before = answer(tmp_path, *ASKED)
    assert before["values"] == {"lung_nodule": 1}
    with running(tmp_path) as up:
        assert answer(tmp_path, *ASKED) == before
        up.send_signal(signal.SIGINT)
        ended(tmp_path, up)


def test_killed_it_leaves_no_process(tmp_path: Path) -> None:
    with running(tmp_path) as up:
        assert left(tmp_path)
        up.kill()
        up.wait()
        gone(tmp_path)
    assert find_running(tmp_path) is None
