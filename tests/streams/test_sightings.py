"""One fact on several sites: the same event in whatever order they speak, however often, and its alert once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from itertools import count, permutations

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from alerts.decide import alerts_of
from alerts.rules import DEFAULT_RULES, load_rules
from events.clock import VirtualClock
from events.consumed import Consumed
from events.event import EventBase
from events.kafka import Publisher
from events.notice import Notice, NoticeBatch
from events.topics import EVENTS, NOTICES, NOTICES_UNIQUE, Topic
from events.wire import Record, decode_event, encode
from streams.agents.dedupe import Dedupe
from streams.agents.enrich import Enrich
from streams.copies.memory import all_merges
from streams.enrich.events import events_of
from streams.sightings import Seen, Sighting, accepts, known, merged, sight
from streams.sinks import Sinks
from tests.streams.make import START, approval, notice
from tests.streams.sinks import sinks_on

NUMBER = "国械注准20223219999"
_sightings = st.builds(
    lambda who, revision, generation, gone, day: Seen(
        who,
        Sighting(
            approval(NUMBER, notice_id=who, source_id=who[0], published_at=START + timedelta(days=day)),
            revision,
            generation,
            gone,
        ),
    ),
    st.sampled_from(["a:1", "a:2", "b:1", "c:1"]),
    st.integers(1, 3),
    st.integers(0, 2),
    st.booleans(),
    st.just(0),
)


def kept(said: list[Seen]) -> dict[str, Sighting]:
    found: dict[str, Sighting] = {}
    for one in said:
        if later := accepts(found.get(one.witness), one.sighting):
            found[one.witness] = later
    return found


@given(st.lists(_sightings, min_size=1, max_size=12))
def test_the_order_of_an_event_grows_with_every_change_and_with_nothing_else(said: list[Seen]) -> None:
    last, before = -1, None
    for at in range(1, len(said) + 1):
        now = kept(said[:at])
        order = merged(now).order
        assert (order > last) == (now != before)
        last, before = order, now


@given(st.lists(_sightings, min_size=1, max_size=8, unique_by=lambda s: (s.witness, s.sighting.revision)), st.randoms())
def test_whoever_speaks_first_the_event_is_the_same(said: list[Seen], random: object) -> None:
    one_generation = [
        Seen(s.witness, Sighting(s.sighting.event, s.sighting.revision, 0, s.sighting.gone)) for s in said
    ]
    shuffled = [*one_generation, *one_generation]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(kept(shuffled)) == merged(kept(one_generation))


@pytest.mark.asyncio
async def test_the_function_in_redis_keeps_what_its_plain_twin_keeps(redis: Redis) -> None:
    @settings(max_examples=1)
    @given(st.lists(_sightings, min_size=30, max_size=30))
    def draw(said: list[Seen]) -> None:
        drawn.append(said)

    drawn: list[list[Seen]] = []
    draw()
    for said in drawn[:1]:
        for at, one in enumerate(said, 1):
            told = await sight(redis, [one])
            assert told[f"certificate:{NUMBER}"].event == merged(kept(said[:at]))
            assert decode_event(told[f"certificate:{NUMBER}"].value) == merged(kept(said[:at]))
        found = (await known(redis, [f"certificate:{NUMBER}"]))[f"certificate:{NUMBER}"]
        assert {who: one.gone for who, one in found.items()} == {who: one.gone for who, one in kept(said).items()}
        assert merged(found) == merged(kept(said))


def test_a_second_sighting_adds_a_source_and_is_no_revision() -> None:
    first = Sighting(approval(NUMBER, source_id="nmpa", notice_id="nmpa:1", published_at=START), 1)
    later = Sighting(approval(NUMBER, source_id="mirror", notice_id="mirror:1", published_at=START + timedelta(1)), 1)
    alone, both = merged({"nmpa:1": first}), merged({"nmpa:1": first, "mirror:1": later})
    assert (alone.revision, alone.generation, [s.source_id for s in alone.sources]) == (1, 0, ["nmpa"])
    assert (both.revision, both.generation, [s.source_id for s in both.sources]) == (1, 1, ["nmpa", "mirror"])
    rules = load_rules(DEFAULT_RULES)
    raised = [{alert.alert_id for alert in alerts_of(event, rules)} for event in (alone, both)]
    assert raised[0]
    assert raised[0] == raised[1]


def test_an_event_stands_until_its_last_witness_withdraws_it() -> None:
    one, other = (Sighting(approval(NUMBER, source_id=s, notice_id=s, published_at=START), 1) for s in "ab")
    gone = Sighting(one.event, 2, 0, gone=True)
    half, none = merged({"a": gone, "b": other}), merged({"a": gone, "b": Sighting(other.event, 2, 0, gone=True)})
    assert (half.retracted, [s.source_id for s in half.sources]) == (False, ["b"])
    assert none.retracted
    assert none.order > half.order > merged({"a": one, "b": other}).order


class Heard(Publisher):
    """A publisher that also keeps what the broker took."""

    records: list[Record]

    async def send_until_done(self, records: Sequence[Record], stage: str) -> None:
        await super().send_until_done(records, stage)
        self.records += records

    def of(self, topic: Topic) -> list[Record]:
        return [one for one in self.records if one.topic == topic]


@pytest_asyncio.fixture
async def sinks(redis: Redis, bootstrap: str, clock: VirtualClock) -> AsyncIterator[Sinks]:
    publisher = Heard(bootstrap, idempotent=False, redis=redis)
    publisher.records = []
    async with sinks_on(redis, publisher, clock) as made:
        yield made


TITLE = "关于新增冠状动脉CT血流储备分数计算等医疗服务价格项目的通知"
BODY = (
    "各有关医疗机构：现将新增医疗服务价格项目有关事项通知如下：冠状动脉CT血流储备分数计算，每次1800元，自2022年9月1日起执行。"
    * 3
)


def reposts(tag: str) -> list[Notice]:
    """One price notice of 江苏 on three sites, each with its own words around it."""
    titles = [TITLE, f"【转发】{TITLE}", f"江苏省医疗保障局{TITLE}"]
    bodies = [BODY, f"来源：省局网站。{BODY}", ""]
    return [
        notice(f"{tag}-{n}", title, source=f"{tag}-site{n}").model_copy(
            update={
                "body": body,
                "fields": {"province": "江苏"},
                "published_at": START + timedelta(days=n),
                "content_hash": f"{tag}{n}",
                "url": f"https://{tag}{n}.example.invalid/a.html",
            }
        )
        for n, (title, body) in enumerate(zip(titles, bodies, strict=True))
    ]


OFFSETS = count()


async def through(sinks: Sinks, notices: list[Notice]) -> list[EventBase]:
    """Each notice through dedupe and enrich; the events as they stand after it."""
    heard = sinks.publisher
    assert isinstance(heard, Heard)
    for one in notices:
        batch = NoticeBatch(batch_id=one.notice_id, source_id=one.source_id, notices=(one,))
        before = len(heard.of(NOTICES_UNIQUE))
        # What comes at an offset that was passed is a redelivery (`passed_before`).
        await Dedupe(sinks).take([Consumed(NOTICES.name, 0, next(OFFSETS), b"k", encode(batch))])
        passed = heard.of(NOTICES_UNIQUE)[before:]
        await Enrich(sinks, events_of).take([Consumed(NOTICES_UNIQUE.name, 0, 0, b"k", one.value) for one in passed])
    last = {event.event_id: event for event in map(decode_event, (one.value for one in heard.of(EVENTS)))}
    return [event for event in last.values() if not event.retracted]


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_three_reposts_are_one_event_with_three_sources_in_any_order(sinks: Sinks) -> None:
    for number, order in enumerate(permutations(range(3))):
        await sinks.redis.flushall()
        sinks.publisher.records = []  # type: ignore[attr-defined]
        three = reposts(f"order{number}")
        events = await through(sinks, [three[n] for n in order])
        assert len(events) == 1, order
        (event,) = events
        assert [s.notice_id for s in event.sources] == [one.notice_id for one in three]
        assert (event.revision, event.url) == (1, three[0].url)
        merges = await all_merges(sinks.redis)
        assert len(merges) == 2
        assert {merge.into for merge in merges} == {three[order[0]].notice_id}


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_a_copy_that_is_seen_again_or_withdrawn_leaves_the_original(sinks: Sinks) -> None:
    three = reposts("again")
    (event,) = await through(sinks, three)
    (repeated,) = await through(sinks, [three[0], three[2]])
    assert repeated.sources == event.sources
    gone = three[1].model_copy(update={"retracted": True, "content_hash": "gone"})
    (left,) = await through(sinks, [gone])
    assert left.event_id == event.event_id
    assert [s.notice_id for s in left.sources] == [three[0].notice_id, three[2].notice_id]


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_withdrawing_every_copy_withdraws_the_event(sinks: Sinks) -> None:
    three = reposts("gone")
    assert len(await through(sinks, three)) == 1
    gone = [one.model_copy(update={"retracted": True, "content_hash": "gone"}) for one in three]
    assert await through(sinks, gone) == []
