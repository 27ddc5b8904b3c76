"""``medpulse dlq`` on a running instance: a bad message is seen, shown, tried again where it failed, and dropped."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from events.kafka import publisher
from events.messages import DeadLetter
from events.notice import NoticeBatch
from events.topics import NOTICES
from events.wire import Record, encode, record
from medpulse.deadletters.book import Settled, entries, letter_id
from medpulse.embedded.running import find_running
from tests.embedded.polling import until
from tests.medpulse.command import answer, medpulse, refused, running
from tests.streams.make import notice

AT = datetime(2022, 3, 7, 1, tzinfo=UTC)


def letter(**changed: Any) -> DeadLetter:
    plain = DeadLetter(
        stage="enrich",
        reason="unreadable",
        error="ValueError: what",
        topic="medpulse.notices.unique",
        partition=1,
        offset=7,
        original=b"{",
        at=AT,
    )
    return plain.model_copy(update=changed)


def test_the_same_failure_is_one_entry_and_opens_again_when_it_fails_again() -> None:
    first, again, other = letter(), letter(at=AT + timedelta(hours=2), error="later"), letter(offset=8)
    dropped = {letter_id(first): Settled(action="dropped", at=AT + timedelta(hours=1))}
    found = {entry.id: entry for entry in entries([again, first, other], dropped)}
    assert len(found) == 2
    entry = found[letter_id(first)]
    assert (entry.times, entry.letter.error, entry.state) == (2, "later", "open")
    assert entries([first], dropped)[0].state == "dropped"
    assert found[letter_id(other)].state == "open"


def test_without_a_running_instance_it_says_what_to_do(tmp_path: Path) -> None:
    refused(medpulse(tmp_path, "dlq", "list"), "nothing runs on", "medpulse up")


async def _send(home: Path, *records: Record) -> None:
    found = find_running(home)
    assert found is not None
    redis: Redis = Redis.from_url(found.redis_url)
    async with publisher(found.bootstrap, idempotent=False, redis=redis) as out:
        await out.send(list(records))
    await redis.aclose()


@pytest.mark.kafka
@pytest.mark.timeout(120)
def test_an_operator_sees_retries_and_drops(tmp_path: Path) -> None:
    home = tmp_path / "home"
    said = notice("1", "国家药监局关于批准注册医疗器械产品的公告")
    whole = encode(NoticeBatch(batch_id="b", source_id=said.source_id, notices=(said,)))
    readable = letter(stage="dedupe", topic=NOTICES.name, offset=999, original=whole)
    with running(home):
        asyncio.run(_send(home, Record(NOTICES, b"nobody", b"{broken", []), record(readable)))
        until(lambda: len(answer(home, "dlq", "list")) == 2, "the worker has buried the message", within=90)
        by_bytes = {row["bytes"]: row for row in answer(home, "dlq", "list")}
        bad, good = by_bytes[len(b"{broken")], by_bytes[len(whole)]
        assert bad["stage"] == good["stage"] == "dedupe"
        shown = answer(home, "dlq", "show", bad["id"][:8])
        assert shown["original"] == "{broken"
        assert shown["topic"] == NOTICES.name

        failed = medpulse(home, "dlq", "retry", bad["id"])
        assert failed.returncode == 1
        assert "unreadable" in failed.stdout
        assert medpulse(home, "dlq", "retry", good["id"]).returncode == 0
        assert [row["id"] for row in answer(home, "dlq", "list")] == [bad["id"]]

        assert medpulse(home, "dlq", "drop", bad["id"], "--why", "a test").returncode == 0
        assert answer(home, "dlq", "list") == []
        assert {row["state"] for row in answer(home, "dlq", "list", "--all")} == {"dropped", "retried"}
        refused(medpulse(home, "dlq", "retry"), "say which letters")
        refused(medpulse(home, "dlq", "show", "zz"), "no dead letter has an id")
        until(lambda: _notices(home) >= 1, "the retried notice went on to enrichment", within=30)


def _notices(home: Path) -> int:
    async def known() -> int:
        found = find_running(home)
        assert found is not None
        redis: Redis = Redis.from_url(found.redis_url)
        try:
            return int(await redis.hlen("{medpulse:notices}:seen"))
        finally:
            await redis.aclose()

    return asyncio.run(known())
