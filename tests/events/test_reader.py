"""Reading the view from a real Valkey, where the hashes were written by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from events.base import Severity
from events.event import Guidance
from events.flow import note_processed, note_produced
from events.messages import Alert, Delivery, HealthState, Outcome, Reason, SourceHealth
from events.view import layout
from events.view.catalog import METRICS, UnknownMetric
from events.view.reader import View
from events.view.series import Measure, day_field, member_field, state_field
from events.wire import encode

AS_OF = date(2022, 9, 1)
AT = datetime(2022, 8, 31, 4, tzinfo=UTC)


async def put(redis: Redis, name: str, key: str, fields: dict[str, int], view: str = layout.FIRST) -> None:
    await redis.hset(layout.series(view, name, key), mapping={field: str(amount) for field, amount in fields.items()})
    await redis.sadd(layout.index(view, name), key)


@pytest_asyncio.fixture
async def view(redis: Redis) -> View:
    await put(
        redis,
        "class3_certificates",
        "",
        {"2020-01-15": 2, "2022-08-31": 3, "2022-09-01": 4, "2022-09-02": 90, "undated": 1},
    )
    await put(redis, "class3_certificates", "modality=CT", {"2022-08-31": 3, "2022-09-01": 2})
    await put(redis, "class3_certificates", "modality=MR", {"2022-09-02": 1})
    await put(redis, "class3_certificates", "modality=ECG", {"2020-01-15": 5})
    await put(redis, "class3_certificates", "scenario=lung_nodule", {"2022-08-31": 9})
    provinces = {member_field(AT, name): count for name, count in (("浙江", 2), ("北京", 1), ("上海", 0))}
    await put(redis, "pricing_provinces", "product=p", provinces)
    stages = (
        (AT - timedelta(days=9), 0, "HKEX/1", "accepted"),
        (AT, 5, "HKEX/1", "listed"),
        (AT, 1, "SSE/2", "inquiry"),
    )
    await put(redis, "ipo_projects", "", {state_field(*stage): 1 for stage in stages})
    await put(redis, "ipo_projects", "exchange=HKEX", {state_field(*stage): 1 for stage in stages[:2]})
    return View(redis)


@pytest.mark.asyncio
async def test_a_value_counts_up_to_its_day_and_in_its_window(view: View) -> None:
    assert await view.value("class3_certificates", AS_OF) == 10
    assert await view.value("class3_certificates", AS_OF - timedelta(days=1)) == 6
    assert await view.value("class3_certificates", AS_OF, within="statistical_year") == 4
    assert await view.value("class3_certificates", AS_OF, within="year") == 7
    assert await view.value("class3_certificates", AS_OF, {"modality": "CT"}) == 5
    assert await view.value("class3_certificates", AS_OF, {"modality": "endoscopy"}) == 0


@pytest.mark.asyncio
async def test_a_distinct_value_counts_members_that_something_holds(view: View) -> None:
    assert await view.value("pricing_provinces", AS_OF, {"product": "p"}) == 2


@pytest.mark.asyncio
async def test_a_value_of_a_state_counts_those_in_it(view: View) -> None:
    assert await view.value("ipo_projects", AS_OF) == 2
    assert await view.value("ipo_projects", AS_OF, {"stage": "listed"}) == 1
    assert await view.value("ipo_projects", AS_OF, {"stage": "inquiry", "exchange": "HKEX"}) == 0
    assert await view.value("ipo_projects", date(2022, 8, 30), {"stage": "accepted", "exchange": "HKEX"}) == 1


@pytest.mark.asyncio
async def test_a_table_is_in_order_without_zeros_and_other_dimensions(view: View) -> None:
    table = await view.table("class3_certificates", "modality", AS_OF)
    assert list(table.items()) == [("CT", 5), ("ECG", 5)]
    assert await view.table("class3_certificates", "modality", AS_OF, "month") == {"CT": 2}
    assert await view.table("class3_certificates", "company", AS_OF) == {}


@pytest.mark.asyncio
async def test_a_table_of_states_and_of_a_dimension(view: View) -> None:
    assert await view.table("ipo_projects", "stage", AS_OF) == {"inquiry": 1, "listed": 1}
    assert await view.table("ipo_projects", "stage", date(2022, 8, 30)) == {"accepted": 1}
    assert await view.table("ipo_projects", "exchange", AS_OF) == {"HKEX": 1}


@pytest.mark.asyncio
async def test_daily_amounts_are_in_order_without_the_undated(view: View) -> None:
    daily = await view.daily("class3_certificates")
    assert list(daily.items()) == [("2020-01-15", 2), ("2022-08-31", 3), ("2022-09-01", 4), ("2022-09-02", 90)]
    assert await view.daily("class3_certificates", {"modality": "MR"}) == {"2022-09-02": 1}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", [m.name for m in METRICS.values() if m.measure in {Measure.DISTINCT, Measure.LATEST}])
async def test_a_measure_without_daily_amounts_says_so(view: View, name: str) -> None:
    with pytest.raises(UnknownMetric, match="no daily amounts"):
        await view.daily(name)


@pytest.mark.asyncio
async def test_an_unknown_metric_or_dimension_names_those_there_are(view: View) -> None:
    with pytest.raises(UnknownMetric, match=r"'certs'.*class3_certificates"):
        await view.value("certs", AS_OF)
    with pytest.raises(UnknownMetric, match=r"'colour'.*modality"):
        await view.value("class3_certificates", AS_OF, {"colour": "red"})
    with pytest.raises(UnknownMetric, match=r"'colour'.*exchange, stage"):
        await view.table("ipo_projects", "colour", AS_OF)
    with pytest.raises(UnknownMetric, match=r"'colour'; it has none"):
        await view.table("class3_scenarios", "colour", AS_OF)
    with pytest.raises(UnknownMetric, match="class3_certificates"):
        await view.daily("certs")
    with pytest.raises(ValueError, match=r"'week'.*statistical_year"):
        await view.value("certificates", AS_OF, within="week")


def guidance(number: int, at: datetime) -> Guidance:
    return Guidance(
        event_id=f"guidance:{number}",
        title=f"指导原则 {number}",
        url="https://www.cmde.org.cn/",
        source_id="cmde-guidance",
        notice_id=f"notice:{number}",
        event_time=at,
        detected_at=AT,
        stage="issued",
    )


@pytest.mark.asyncio
async def test_events_are_newest_first_page_by_page(view: View, redis: Redis) -> None:
    made = [guidance(number, AT + timedelta(hours=number)) for number in range(5)]
    for event in reversed(made):
        await redis.hset(layout.events(layout.FIRST), event.event_id, encode(event))
        await redis.zadd(layout.timeline(layout.FIRST), {event.event_id: (event.event_time or AT).timestamp()})
    assert await view.events(limit=2) == [made[4], made[3]]
    assert await view.events(limit=2, offset=2) == [made[2], made[1]]
    assert await view.events(limit=2, offset=4) == [made[0]]
    assert await view.events(offset=5) == []
    assert await view.count_events() == 5
    assert await view.event("guidance:3") == made[3]
    assert await view.event("guidance:9") is None


@pytest.mark.asyncio
async def test_another_view_is_read_once_it_is_live(view: View, redis: Redis) -> None:
    await put(redis, "class3_certificates", "", {"2022-09-01": 7}, view="v2")
    assert await view.value("class3_certificates", AS_OF) == 10
    await redis.set(layout.LIVE, "v2")
    assert await view.name() == "v2"
    assert await view.value("class3_certificates", AS_OF) == 7
    assert await view.table("class3_certificates", "modality", AS_OF) == {}
    assert await view.count_events() == 0


@pytest.mark.asyncio
async def test_the_backlog_is_what_was_written_and_not_done_by_each_group(view: View, redis: Redis) -> None:
    events = "medpulse.events"
    await note_produced(redis, [(events, 0, 9), (events, 1, 4)])
    await note_processed(redis, layout.STREAMS, [(events, 0, 6)])
    await note_processed(redis, layout.RULES, [(events, 0, 9), (events, 1, 3)])
    await note_processed(redis, layout.RULES, [(events, 0, 2)])
    backlog = await view.backlog()
    assert backlog.keys() == set(layout.FLOW)
    assert {pair: behind for pair, behind in backlog.items() if behind} == {
        (layout.STREAMS, events): 8,
        (layout.RULES, events): 1,
    }
    assert {topic: behind for topic, behind in (await view.lag()).items() if behind} == {events: 8}


@pytest.mark.asyncio
async def test_health_alerts_deliveries_and_names(view: View, redis: Redis) -> None:
    health = [
        SourceHealth(source_id=s, outcome=Outcome.NEW, state=HealthState.HEALTHY, at=AT, url="https://example.invalid/")
        for s in ("cninfo", "nmpa-delivery")
    ]
    for poll in reversed(health):
        await redis.hset(layout.HEALTH, poll.source_id, encode(poll))
    alert = Alert(alert_id="a", rule_id="r", severity=Severity.NOTICE, title="t", text="文", subject="s", raised_at=AT)
    await redis.hset(layout.ALERTS, "a", encode(alert))
    sent = [
        Delivery(
            delivery_id=str(number),
            alert_id="a",
            receiver="x",
            channel="console",
            reason=Reason.FIRST,
            status="sent",
            attempts=1,
            at=AT + timedelta(seconds=number),
        )
        for number in range(3)
    ]
    await redis.zadd(layout.DELIVERIES, {encode(one): one.at.timestamp() for one in sent})
    await redis.hset(layout.entities(layout.FIRST), "keya", "科亚医疗")
    assert await view.health() == health
    assert (await view.alert("a"), await view.alert("b")) == (alert, None)
    assert await view.deliveries(2) == [sent[2], sent[1]]
    assert await view.names() == {"keya": "科亚医疗"}


def test_every_metric_has_words_in_both_languages_and_a_day_is_a_field() -> None:
    assert all(spec.unit and spec.en and spec.zh for spec in METRICS.values())
    assert all((spec.states is not None) is (spec.measure is Measure.LATEST) for spec in METRICS.values())
    assert day_field(AT) == "2022-08-31"
