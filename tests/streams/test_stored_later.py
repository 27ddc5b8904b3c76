"""What agents of an earlier layout of Redis left is read, corrected and withdrawn by this one: the fixtures are never edited.

``stored/v2`` was written by commit da0a95f (epoch 3: events and notices as plain JSON, events kept whole with their notice,
texts twice), ``stored/v3`` by the first one of epoch 4 (bodies deflated with dictionary 1). Both hold a certificate notice in
its second revision and three reposts of a price notice; values are base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.consumed import Consumed
from events.kafka import Publisher
from events.notice import Notice, NoticeBatch
from events.topics import NOTICES_UNIQUE
from events.view.reader import View
from events.view.texts import revisions
from events.wire import encode
from streams.agents.enrich import Enrich
from streams.enrich.events import events_of
from streams.sightings import known, later, merged
from streams.sinks import Sinks
from streams.store import Store
from streams.texts import keep, texts_of
from tests.streams.sinks import sinks_on

STORED = Path(__file__).parent / "stored"
SHA256 = {
    "v2": "f3df7ed03c200a66ecb5a2a190f254a4551f1b8e72a2c91e39f896d9ab03620d",
    "v3": "ccdf46ffe23a1c34f41495f7538bfa6d8145ccfad6766a68dcbed7f01689cdc0",
}
DICTIONARIES = {
    1: "5ac011978f0d793882a531d7ba237a66d506dd8f0f0208507b4ee26ba8a09773",
    2: "f88ca398eaa1c9984d8d83ed7562b7b8a6ab6860c9dedb54e41cbf6332f77381",
}
PRICE = "price:jiangsu:冠状动脉ct血流储备分数计算"
DELIVERY = "nmpa-delivery:2022-1"
FIRST, RENAMED = "approval:国械注准20223210001", "approval:国械注准20223210002"
REPOSTS = [f"stored-site{n}:stored-{n}" for n in range(3)]


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case str():
            return base64.b64decode(value)
        case _:
            return value


@pytest_asyncio.fixture(params=SHA256)
async def old(redis: Redis, request: pytest.FixtureRequest) -> Redis:
    """A Redis as an earlier version left it."""
    for key, kept in json.loads((STORED / request.param / "redis.json").read_text(encoding="utf-8")).items():
        match kept["type"]:
            case "hash":
                await redis.hset(key, mapping=_plain(kept["value"]))
            case "zset":
                await redis.zadd(key, kept["value"])
            case "set":
                await redis.sadd(key, *kept["value"])
            case "list":
                await redis.rpush(key, *_plain(kept["value"]))
            case _:
                await redis.set(key, _plain(kept["value"]))
    return redis


@pytest_asyncio.fixture
async def sinks(old: Redis, bootstrap: str, clock: VirtualClock) -> AsyncIterator[Sinks]:
    async with sinks_on(old, Publisher(bootstrap, idempotent=False, redis=old), clock) as made:
        yield made


def test_nobody_has_edited_what_was_written_nor_what_it_was_packed_with() -> None:
    for version, digest in SHA256.items():
        written = (STORED / version / "redis.json").read_bytes()
        assert hashlib.sha256(written).hexdigest() == digest, f"{version} is never edited"
    for number, digest in DICTIONARIES.items():
        dictionary = resources.files("events.view").joinpath(f"bodies-{number}.dict").read_bytes()
        assert hashlib.sha256(dictionary).hexdigest() == digest, "what was packed with it could not be read any more"


@pytest.mark.asyncio
async def test_readers_see_what_was_written(old: Redis) -> None:
    shown = {event.event_id: event for event in await View(old).events()}
    assert shown.keys() == {FIRST, RENAMED, PRICE}
    assert shown[RENAMED].title.endswith("v2")
    assert len(shown[PRICE].sources) == 3
    assert [one.revision for one in await revisions(old, DELIVERY)] == [2, 1]
    assert (await texts_of(old, REPOSTS)).keys() == set(REPOSTS)


@pytest.mark.asyncio
async def test_what_is_revised_meanwhile_is_the_text_of_an_original(old: Redis) -> None:
    await Store(old).load()
    (notice,) = await revisions(old, REPOSTS[0])
    await keep(old, [notice.model_copy(update={"revision": 2, "title": "another title"})])
    assert (await texts_of(old, [REPOSTS[0]]))[REPOSTS[0]].title == "another title"


async def _said(sinks: Sinks, notice: Notice) -> None:
    batch = NoticeBatch(batch_id="b", source_id=notice.source_id, notices=(notice,))
    await Enrich(sinks, events_of).take([Consumed(NOTICES_UNIQUE.name, 0, 9, b"k", encode(batch))])


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_a_row_that_is_gone_withdraws_its_certificate_and_leaves_the_other(sinks: Sinks) -> None:
    now = (await revisions(sinks.redis, DELIVERY))[0]
    await _said(sinks, now.model_copy(update={"revision": 3, "rows": now.rows[:1], "content_hash": "three"}))
    found = await known(sinks.redis, [FIRST, RENAMED])
    assert not merged(found[FIRST]).retracted
    gone = merged(found[RENAMED])
    assert (gone.retracted, gone.revision, gone.title[-2:]) == (True, 3, "v2")


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_a_copy_that_is_withdrawn_leaves_the_other_witnesses(sinks: Sinks) -> None:
    before = merged((await known(sinks.redis, [PRICE]))[PRICE])
    assert await later(sinks.redis, {PRICE: before}) == {}
    notice = (await texts_of(sinks.redis, [REPOSTS[1]]))[REPOSTS[1]]
    await _said(sinks, notice.model_copy(update={"revision": 2, "retracted": True, "content_hash": "gone"}))
    now = (await later(sinks.redis, {PRICE: before}))[PRICE].event
    assert (now.retracted, now.order > before.order) == (False, True)
    assert [one.notice_id for one in now.sources] == [REPOSTS[0], REPOSTS[2]]
