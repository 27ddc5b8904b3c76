"""The bodies of the agents on a real Valkey and a real broker: what they pass on, bury, retract and repeat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.consumed import Consumed
from events.event import EventBase, IpoStage
from events.kafka import Publisher
from events.messages import DeadLetter
from events.notice import Notice, NoticeBatch
from events.topics import DEAD_LETTERS, EVENTS, METRICS, NOTICES, NOTICES_UNIQUE, Topic
from events.view import layout
from events.view.reader import View
from events.wire import decode, decode_event, encode
from streams.agents.aggregate import Aggregate
from streams.agents.dedupe import Dedupe, novel
from streams.agents.enrich import Enrich, retractions
from streams.sinks import Sinks
from tests.kafka_read import read_all
from tests.streams.make import approval, ipo, notice, price
from tests.streams.sinks import sinks_on

pytestmark = pytest.mark.kafka
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def sinks(redis: Redis, bootstrap: str, clock: VirtualClock) -> AsyncIterator[Sinks]:
    async with sinks_on(redis, Publisher(bootstrap, idempotent=False, redis=redis), clock) as made:
        yield made


def consumed(value: bytes, topic: Topic, offset: int = 0) -> Consumed:
    return Consumed(topic.name, 0, offset, b"key", value)


def batch(*notices: Notice) -> bytes:
    return encode(NoticeBatch(batch_id="b", source_id=notices[0].source_id, notices=notices))


def test_what_was_seen_is_dropped_and_what_changed_is_the_next_revision() -> None:
    one, two = notice("1"), notice("2")
    edited = notice("2", "another title")
    passed = novel([one, two, edited, edited], {one.notice_id: (3, one.content_hash)})
    assert [(n.item_key, n.revision, n.title) for n in passed] == [("2", 1, "a title"), ("2", 2, "another title")]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=30))
def test_splitting_a_stream_of_notices_into_polls_makes_no_difference(said: list[tuple[str, str]]) -> None:
    notices = [notice(key, title) for key, title in said]
    whole = novel(notices, {})
    seen: dict[str, tuple[int, str]] = {}
    piecewise = []
    for one in notices:
        for passed in novel([one], seen):
            seen[passed.notice_id] = (passed.revision, passed.content_hash)
            piecewise.append(passed)
    assert piecewise == whole


def test_a_corrected_number_retracts_the_certificate_that_it_replaces() -> None:
    revised = notice("1").model_copy(update={"revision": 2})
    gone = retractions([approval("国械注准20223210001")], [approval("国械注准20223210002")], revised)
    assert [(e.event_id, e.retracted, e.revision) for e in gone] == [("certificate:国械注准20223210001", True, 2)]


def test_an_earlier_stage_of_a_project_stays_true_until_the_project_itself_is_withdrawn() -> None:
    revised = notice("1").model_copy(update={"revision": 2})
    withdrawn = revised.model_copy(update={"retracted": True})
    before = [ipo("1", IpoStage.ACCEPTED)]
    assert retractions(before, [ipo("1", IpoStage.INQUIRY)], revised) == []
    assert len(retractions(before, [], withdrawn)) == 1


@pytest.mark.asyncio
async def test_dedupe_passes_a_notice_once_and_buries_what_it_cannot_read(sinks: Sinks, bootstrap: str) -> None:
    body = Dedupe(sinks)
    first = notice("dedupe-1", source="dedupe-source")
    await body.take(
        [consumed(batch(first), NOTICES), consumed(b"{not json", NOTICES, 1), consumed(batch(first), NOTICES, 2)]
    )
    passed = [decode(NoticeBatch, m.value) for m in await read_all(bootstrap, NOTICES_UNIQUE)]
    assert [b.notices[0].item_key for b in passed if b.source_id == "dedupe-source"] == ["dedupe-1"]
    buried = [decode(DeadLetter, m.value) for m in await read_all(bootstrap, DEAD_LETTERS)]
    assert (buried[-1].stage, buried[-1].offset, buried[-1].original) == ("dedupe", 1, b"{not json")
    assert await sinks.redis.hget(layout.DEAD, "dedupe") == b"1"
    assert await sinks.redis.zscore(layout.processed(layout.STREAMS, NOTICES.name), "0") == 3


@pytest.mark.asyncio
async def test_what_was_said_and_corrected_is_no_news_when_both_come_again(sinks: Sinks, bootstrap: str) -> None:
    body = Dedupe(sinks)
    first = notice("again-1", source="again-source")
    edited = notice("again-1", "edited", source="again-source")
    messages = [consumed(batch(first), NOTICES, 5), consumed(batch(edited), NOTICES, 6)]
    await body.take(messages)
    await body.take(messages)  # as after a kill before the commit
    passed = [decode(NoticeBatch, m.value) for m in await read_all(bootstrap, NOTICES_UNIQUE)]
    mine = [(n.revision, n.title) for b in passed for n in b.notices if b.source_id == "again-source"]
    assert mine == [(1, "a title"), (2, "edited")]
    # The topic was made anew, so that offsets begin again; then the clock of the scraper jumped back.
    later = edited.model_copy(update={"title": "later", "content_hash": "l", "detected_at": first.detected_at + HOUR})
    earlier = first.model_copy(update={"title": "back", "content_hash": "b", "detected_at": first.detected_at - HOUR})
    await body.take([consumed(batch(later), NOTICES, 0), consumed(batch(earlier), NOTICES, 7)])
    assert await sinks.redis.hget(layout.NOTICES, first.notice_id) == b"4:b"


@pytest.mark.asyncio
async def test_an_earlier_revision_that_comes_again_is_not_taken_for_the_last(sinks: Sinks) -> None:
    said = {1: "国械注准20223219101", 2: "国械注准20223219102"}
    body = Enrich(sinks, lambda one: [approval(said[one.revision], revision=one.revision, notice_id=one.notice_id)])
    first = notice("9100")
    second = first.model_copy(update={"revision": 2})
    await body.take([consumed(batch(first), NOTICES_UNIQUE)])
    await body.take([consumed(batch(second), NOTICES_UNIQUE, 1)])
    kept = await sinks.redis.hget(layout.NOTICE_EVENTS, first.notice_id)
    await body.take([consumed(batch(first), NOTICES_UNIQUE)])
    assert await sinks.redis.hget(layout.NOTICE_EVENTS, first.notice_id) == kept


async def _certificates(bootstrap: str) -> list[EventBase]:
    """The broker is the session's: other files write to the topic, some of it on purpose nothing that can be read."""
    said = await read_all(bootstrap, EVENTS)
    return [decode_event(m.value) for m in said if (m.key or b"").startswith(b"certificate:")]


@pytest.mark.asyncio
async def test_enrich_buries_the_one_notice_whose_rule_fails_and_goes_on(sinks: Sinks, bootstrap: str) -> None:
    def meaning(one: Notice) -> list[EventBase]:
        if one.title == "hostile":
            raise RecursionError("a rule ran away")
        return [approval(f"国械注准2022321{one.item_key}", notice_id=one.notice_id)]

    body = Enrich(sinks, meaning)
    await body.take([consumed(batch(notice("7001"), notice("7002", "hostile"), notice("7003")), NOTICES_UNIQUE)])
    ids = {event.event_id for event in await _certificates(bootstrap)}
    assert {"certificate:国械注准20223217001", "certificate:国械注准20223217003"} <= ids
    letter = decode(DeadLetter, (await read_all(bootstrap, DEAD_LETTERS))[-1].value)
    assert (letter.stage, "a rule ran away" in letter.error) == ("enrich", True)
    assert [n.item_key for n in decode(NoticeBatch, letter.original).notices] == ["7002"]


@pytest.mark.asyncio
async def test_enrich_retracts_what_the_next_revision_no_longer_says(sinks: Sinks, bootstrap: str) -> None:
    numbers = iter(["国械注准20223218001", "国械注准20223218002"])
    body = Enrich(sinks, lambda one: [approval(next(numbers), revision=one.revision)])
    first = notice("8000")
    await body.take([consumed(batch(first), NOTICES_UNIQUE)])
    await body.take([consumed(batch(first.model_copy(update={"revision": 2})), NOTICES_UNIQUE, 1)])
    said = await _certificates(bootstrap)
    last = {event.event_id: event for event in sorted(said, key=lambda e: e.order)}
    assert last["certificate:国械注准20223218001"].retracted
    assert not last["certificate:国械注准20223218002"].retracted


@pytest.mark.asyncio
async def test_aggregate_tells_a_series_even_if_a_kill_came_between_applying_and_telling(
    sinks: Sinks, bootstrap: str
) -> None:
    province = price("hunan", "told-late")
    await sinks.store.apply([province])
    await Aggregate(sinks).take([consumed(encode(province), EVENTS)])
    told = [m.value for m in await read_all(bootstrap, METRICS) if m.key == b"pricing_provinces{product=told-late}"]
    assert len(told) == 1
    assert await sinks.store.untold() == []
    await Aggregate(sinks).take([consumed(encode(province), EVENTS)])
    assert await View(sinks.redis).value("pricing_provinces", date(2022, 9, 1), {"product": "told-late"}) == 1
