"""One poll of the town to its deliveries, on a real broker and a real Valkey: one trace all the way, and its spans."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from redis.asyncio import Redis

from alerts.deliver import Receiver
from alerts.message import Message
from alerts.room import AlertsRoom
from alerts.rules import load_rules
from events.clock import VirtualClock
from events.consume import scan
from events.consumed import Consumed
from events.event import EventBase
from events.kafka import Publisher, publisher
from events.messages import Delivery, Outcome
from events.notice import Notice
from events.spans import Spans
from events.topics import ALERTS, DELIVERIES, EVENTS, METRICS, NOTICES, NOTICES_UNIQUE, SOURCE_HEALTH, Topic
from events.tracing import exporting, parse
from events.wire import decode
from medpulse.backends import Backends
from medpulse.demo import sources
from medpulse.house import House
from medpulse.scraping import runner
from medpulse.settings import Settings
from scrapers.runner import PollReport
from simulator.facts import facts
from simulator.town import Town
from simulator.transport import TownTransport
from streams.agents.aggregate import Aggregate
from streams.agents.dedupe import Dedupe
from streams.agents.enrich import Enrich
from streams.enrich.events import events_of
from streams.sinks import Sinks
from streams.store import Store
from tests.scrapers.rig import driven

pytestmark = pytest.mark.kafka
NAMES = {"source_id", "event_id", "alert_id", "receiver", "outcome"}


class Journey:
    """The bodies of every room taken one after the other, each with what the one before it wrote to Kafka."""

    def __init__(self, bootstrap: str, redis: Redis, sender: Publisher, home: Path) -> None:
        self.bootstrap = bootstrap
        self.clock = VirtualClock(datetime(2020, 3, 1, tzinfo=UTC))
        backends = Backends(bootstrap, "", idempotent=False, attended=True)
        self.house = House(Settings(home=home), backends, redis, sender, self.clock)
        self.sinks = Sinks(redis, Store(redis), sender, self.clock)
        self.room = AlertsRoom(bootstrap, redis, self.clock, load_rules(), [Receiver("traced", "test", self)], sender)
        self.logged: set[tuple[str, object]] = set()
        """Which steps would log which trace id."""

    def _log(self, step: str) -> None:
        self.logged.add((step, structlog.contextvars.get_contextvars().get("trace_id")))

    def meaning(self, notice: Notice) -> list[EventBase]:
        self._log("enrich")
        return events_of(notice)

    async def send(self, message: Message) -> str:
        self._log("deliver")
        return "taken"

    async def poll(self) -> PollReport:
        source = next(one for one in sources() if one.id == "nmpa-delivery")
        async with runner(self.house, TownTransport(Town(facts(), self.clock))) as made:
            return await driven(made.pace, self.clock, made.poll(source))

    async def found(self, topic: Topic, trace_id: str) -> list[Consumed]:
        """The messages of a topic that belong to the trace."""
        every = [message async for batch in scan(self.bootstrap, topic) for message in batch]
        return [message for message in every if message.trace and message.trace.trace_id == trace_id]

    async def follow(self, trace_id: str) -> list[Delivery]:
        """Everything that follows from the poll; returns the records on the topic that belong to its trace."""
        await self.sinks.store.load()
        await Dedupe(self.sinks).take(await self.found(NOTICES, trace_id))
        await Enrich(self.sinks, self.meaning).take(await self.found(NOTICES_UNIQUE, trace_id))
        await Aggregate(self.sinks).take(await self.found(EVENTS, trace_id))
        facts = [m for topic in (EVENTS, METRICS, SOURCE_HEALTH) for m in await self.found(topic, trace_id)]
        assert {m.topic for m in facts} == {EVENTS.name, METRICS.name, SOURCE_HEALTH.name}
        await self.room.rules.take(facts)
        await self._tell(await self.found(ALERTS, trace_id))
        return [decode(Delivery, m.value) for m in await self.found(DELIVERIES, trace_id)]

    async def _tell(self, alerts: list[Consumed]) -> None:
        async def go_on() -> bool:
            return True

        stopped = asyncio.Event()
        stopped.set()
        dispatcher = self.room.dispatcher
        await dispatcher.take(alerts)
        assert await dispatcher.planner.step(go_on) == {"traced"}
        assert await dispatcher.deliverers[0].drain(go_on)
        await dispatcher.publish_records(stopped)


@pytest_asyncio.fixture
async def journey(bootstrap: str, redis: Redis, tmp_path: Path) -> AsyncIterator[Journey]:
    async with publisher(bootstrap, idempotent=False) as sender:
        yield Journey(bootstrap, redis, sender, tmp_path)


def _arrived(journey: Journey, report: PollReport, deliveries: list[Delivery]) -> None:
    """One trace from the poll to the deliveries, and on the log lines between."""
    assert report.outcome is Outcome.NEW
    assert {d.receiver for d in deliveries} == {"traced"}
    assert {d.status for d in deliveries} == {"sent"}
    named = [parse(d.traceparent) for d in deliveries]
    assert {trace.trace_id for trace in named if trace} == {report.trace_id}
    assert journey.logged == {("enrich", report.trace_id), ("deliver", report.trace_id)}


@pytest.mark.asyncio
async def test_one_trace_id_goes_from_a_poll_to_its_deliveries(journey: Journey) -> None:
    report = await journey.poll()
    _arrived(journey, report, await journey.follow(report.trace_id))


@pytest.mark.asyncio
async def test_the_steps_are_spans_of_that_trace_and_show_ids_alone(journey: Journey) -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with exporting(Spans(provider)):
        report = await journey.poll()
        _arrived(journey, report, await journey.follow(report.trace_id))
    told = kept.get_finished_spans()
    names = {span.context.span_id: span.name for span in told if span.context}
    assert {f"{span.context.trace_id:032x}" for span in told if span.context} == {report.trace_id}
    follows = {(names[span.parent.span_id] if span.parent else "", span.name) for span in told}
    assert {("", "poll"), ("poll", "dedupe"), ("dedupe", "enrich"), ("enrich", "aggregate")} <= follows
    assert {("enrich", "rules"), ("aggregate", "rules"), ("rules", "deliver")} <= follows
    assert {key for span in told for key in span.attributes or {}} == NAMES
    spoken = {str(value) for span in told for value in (span.attributes or {}).values()}
    assert not [text for text in spoken if any(notice.title in text for notice in report.notices)]
