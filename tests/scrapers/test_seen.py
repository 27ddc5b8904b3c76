"""The scrapers' memory: one contract, held by the real store and by the one of a dry poll."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import pytest
from redis.asyncio import Redis

from events.messages import HealthState, Outcome, SourceHealth
from events.wire import encode
from scrapers.answer import Validators
from scrapers.expect import Expectation
from scrapers.page import Request
from scrapers.seen import Memory, MemorySeen, PageMemory, RedisSeen, Resume, Seen
from scrapers.watch import ListMemory

AT = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)
STORES: dict[str, Callable[[Redis], Seen]] = {"redis": RedisSeen, "memory": lambda _: MemorySeen()}


@pytest.fixture(params=STORES)
def seen(request: pytest.FixtureRequest, redis: Redis) -> Seen:
    return STORES[request.param](redis)


@pytest.mark.asyncio
async def test_items_are_known_once_they_are_marked(seen: Seen) -> None:
    assert await seen.known("nhsa-policy", ["/a", "/b"]) == {}
    await seen.mark("nhsa-policy", {"/a": "1", "/b": "1"})
    await seen.mark("nhsa-policy", {"/b": "2"})
    await seen.mark("nhsa-policy", {})
    assert await seen.known("nhsa-policy", ["/b", "/c", "/a"]) == {"/a": "1", "/b": "2"}
    assert await seen.known("nhsa-policy", []) == {}
    assert await seen.known("nhsa-notices", ["/a"]) == {}


@pytest.mark.asyncio
async def test_what_is_known_is_as_it_stood_when_the_memory_was_read_or_newer(redis: Redis) -> None:
    seen, other = RedisSeen(redis), RedisSeen(redis)
    await seen.mark("nhsa-policy", {"/a": "1", "/b": "1"})
    for _ in range(2):
        await seen.memory("nhsa-policy")
        assert await seen.known("nhsa-policy", ["/a", "/b"]) == {"/a": "1", "/b": "1"}
    await other.mark("nhsa-policy", {"/a": "2"})
    await seen.memory("nhsa-policy")
    assert await seen.known("nhsa-policy", ["/c", "/b", "/a"]) == {"/a": "2", "/b": "1"}
    await other.mark("nhsa-policy", {"/a": "3"})
    assert await seen.known("nhsa-policy", ["/a"]) == {"/a": "3"}, "only the first answer is the memory's"
    await seen.memory("nhsa-policy")
    await seen.mark("nhsa-policy", {"/a": "4"})
    assert await seen.known("nhsa-policy", ["/a", "/b"]) == {"/a": "4", "/b": "1"}


@pytest.mark.asyncio
async def test_failed_tries_are_counted_until_the_item_is_marked(seen: Seen) -> None:
    for _ in range(2):
        await seen.tried("nhsa-policy", ["/a", "/b"])
    assert await seen.tries("nhsa-policy", ["/a", "/b", "/c"]) == {"/a": 2, "/b": 2}
    await seen.mark("nhsa-policy", {"/a": "1"})
    assert await seen.tries("nhsa-policy", ["/a", "/b"]) == {"/b": 2}


@pytest.mark.asyncio
async def test_a_memory_comes_back_as_it_was(seen: Seen) -> None:
    assert await seen.memory("nhsa-policy") == Memory()
    form = Request("https://www.nhsa.gov.cn/x#columnid=104", "POST", {"Referer": "r"}, {"columnid": "104"})
    health = SourceHealth(
        source_id="nhsa-policy", outcome=Outcome.OUTAGE, state=HealthState.DEGRADED, at=AT, url="u", next_poll_at=AT
    )
    kept = Memory(
        begun=True,
        pages={"first": PageMemory(url="u", validators=Validators('"1"', None), digest="d", rows="r", next=form)},
        lists={"first": ListMemory(url="u", order=("b", "a"), expected=Expectation(fewest={AT.date(): 2}))},
        resume=(Resume(request=Request("https://x.cn", json={"page": [1]}), owed=3),),
        health=health,
    )
    await seen.remember("nhsa-policy", kept)
    assert await seen.memory("nhsa-policy") == kept
    assert encode(kept, orjson.OPT_NON_STR_KEYS) == kept.model_dump_json().encode()


@pytest.mark.asyncio
async def test_a_memory_of_another_version_is_an_empty_one(redis: Redis) -> None:
    await redis.set("medpulse:scraper:{nhsa-policy}:memory", b'{"pages": 3}')
    assert await RedisSeen(redis).memory("nhsa-policy") == Memory()
