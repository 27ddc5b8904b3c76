"""The Faust app: four agents over four topics, and nothing of Faust anywhere else.

Faust reads, assigns partitions and commits; the bodies in `streams.agents` do the work. Settings and their reasons:

* ``at_least_once`` with effects that are idempotent by event id and revision: a redelivery changes nothing.
* ``broker_session_timeout`` 10 s: a killed worker's partitions move on within it; ``broker_heartbeat_interval`` 2 s is the
  usual fraction of it. ``broker_max_poll_interval`` 300 s: an agent may wait that long for Redis to come back.
* ``stream_buffer_maxsize`` `NEVER_FULL`: what Faust calls a message is a piece of up to 512 kB, and how many of a topic are
  held is bounded in `streams.turns`. Where the buffer of one agent is full, Faust waits, and all others with it.
* ``concurrency=1``: with more, offsets are committed across gaps (faust-streaming #606). Scale is partitions and workers.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import faust
import structlog

from events.addresses import KafkaAddress, kafka_address, redis_client
from events.clock import Clock, SystemClock
from events.kafka import Publisher
from events.probe import Probe, look
from events.topics import EVENTS, NOTICES, NOTICES_UNIQUE, SOURCE_HEALTH
from events.view import layout
from streams.agent import Piece, Readings, agent, place
from streams.agents.aggregate import Aggregate
from streams.agents.dedupe import Dedupe
from streams.agents.enrich import Enrich, Meaning
from streams.agents.health import Health
from streams.ahead import Early
from streams.rebuild.heal import NewerVersion, heal, whole
from streams.sinks import Sinks, surely
from streams.store import Store
from streams.transport import PromptTransport
from streams.watchdog import EXIT_CODE, Positions, Watch, give_up, look_on, positions

log = structlog.get_logger()
PATH = (NOTICES, NOTICES_UNIQUE, EVENTS)
"""The topics that a fact passes, in their order."""
NEVER_FULL = 1024
TOO_OLD = 78
"""How a worker ends whose Redis a later version has taken over (EX_CONFIG of sysexits.h)."""
STOP_SECONDS = 22.0
"""Less than the grace that a supervisor gives (25 s in `up`, 30 s in Compose and Kubernetes): the log says who hung."""


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """Where the worker finds Kafka and Redis. ``idempotent`` must be False on a broker without ``InitProducerId`` (Tansu).

    A partition with lag that makes no progress for ``stall_seconds`` ends the worker: longer than the 110 s that joining a
    group again was seen to take on Tansu after a kill. With ``heals`` a worker that finds its Redis emptied, or written by a
    version that counted otherwise, makes it whole from Kafka before it begins.
    """

    kafka: str
    redis: str
    data_dir: str
    app_id: str = layout.STREAMS
    idempotent: bool = True
    stall_seconds: float = 180.0
    heals: bool = False
    probe: Probe | None = None


def make_app(config: StreamConfig, meaning: Meaning, clock: Clock | None = None) -> Any:
    """A new Faust app with its agents. Nothing is connected before it starts. ``meaning`` is what `enrich` reads by."""
    kafka = kafka_address(config.kafka)
    redis = redis_client(config.redis)
    publisher = Publisher(config.kafka, idempotent=config.idempotent, redis=redis)
    sinks = Sinks(redis, Store(redis), publisher, clock or SystemClock())
    app = _StreamApp(
        config.app_id,
        broker=";".join(f"aiokafka://{server}" for server in kafka.servers),
        broker_credentials=_credentials(kafka),
        store="memory://",
        datadir=config.data_dir,
        processing_guarantee="at_least_once",
        broker_commit_interval=1.0,
        broker_session_timeout=10.0,
        broker_heartbeat_interval=2.0,
        broker_max_poll_interval=300.0,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=NEVER_FULL,
        topic_disable_leader=True,
        topic_partitions=NOTICES.partitions,
        producer_acks=-1,
        web_enabled=False,
        worker_redirect_stdouts=False,
        key_serializer="raw",
        value_serializer="raw",
    )
    app.path = tuple(topic.name for topic in PATH)
    aggregate = Aggregate(sinks)
    app.early = Early(aggregate.read)
    app.transport = PromptTransport(app.conf.broker_consumer, app)
    app.sinks = sinks
    app.watch = Watch(config.stall_seconds)
    app.heals = config.kafka if config.heals else None
    app.probe = config.probe
    app.on_partitions_assigned.connect(_say_what_is_ours)
    agent(app, NOTICES, "dedupe", Dedupe(sinks))
    agent(app, NOTICES_UNIQUE, "enrich", Enrich(sinks, meaning))
    agent(app, EVENTS, "aggregate", aggregate, early=app.early)
    agent(app, SOURCE_HEALTH, "health", Health(sinks))
    return app


def _credentials(kafka: KafkaAddress) -> Any:
    """What Faust calls credentials: TLS, a login, or None for neither."""
    if kafka.login:
        return faust.SASLCredentials(
            username=kafka.username, password=kafka.password(), mechanism=kafka.mechanism, ssl_context=kafka.context()
        )
    return faust.SSLCredentials(kafka.context()) if kafka.tls else None


class _StreamApp(faust.App):  # type: ignore[misc]  # Faust's bases are untyped here (pyproject: follow_imports = skip)
    """A Faust app that connects its sinks before the first message and lets go of them after the last."""

    path: Sequence[str]
    early: Readings[Any]
    """What was read of the pieces that wait for the last agent on the path."""
    sinks: Sinks
    watch: Watch
    probe: Probe | None
    heals: str | None
    """The broker that an emptied Redis is made whole from; None where nobody asked for that."""

    async def on_first_start(self) -> None:
        await super().on_first_start()
        await surely(self.sinks.store.load, "start")
        if self.heals:
            await surely(partial(self._healed, self.heals), "start")
        else:
            await surely(lambda: self.sinks.redis.set(layout.EPOCH, layout.THIS_EPOCH, nx=True), "start")
        await surely(self.sinks.publisher.start, "start")
        if self.probe is not None:
            self.add_future(self.probe.beating(partial(look, self.sinks.redis, self.sinks.publisher)))
        self.add_future(look_on(self.watch, self._positions, SystemClock(), give_up))
        log.info("worker.started", session_seconds=self.conf.broker_session_timeout)

    async def _healed(self, bootstrap: str) -> None:
        try:
            await heal(bootstrap, self.sinks.redis)
        except NewerVersion as error:
            log.error("worker.too_old", error=str(error), remedy="run the newer version here too, or empty this Redis")
            os._exit(TOO_OLD)

    async def stop(self) -> None:
        """Stop in good order, or not at all: Faust waits for what its agents never acknowledged, without an end."""
        asyncio.get_running_loop().call_later(STOP_SECONDS, _cannot_stop)
        await super().stop()

    async def _positions(self) -> Positions:
        """Of the partitions that are ours; of none while the broker is away, which the agents wait for."""
        if self.heals and not await whole(self.sinks.redis):
            log.error("redis.emptied", remedy="none needed: the worker starts again and makes it whole from Kafka")
            os._exit(EXIT_CODE)
        if self.sinks.publisher.waiting:
            return {}
        ours = {(one.topic, one.partition): one for one in self.consumer.assignment()}
        known = await positions(self.sinks.redis, layout.STREAMS, set(ours))
        behind = [partition for partition, (done, end) in known.items() if done < end]
        if not behind:
            return known
        # What retention deleted before anybody read it is no lag.
        first = await self.consumer.earliest_offsets(*(ours[one] for one in behind))
        return {
            one: (max(done, first.get(ours[one], 0)) if one in behind else done, end)
            for one, (done, end) in known.items()
        }

    def handed_out(self, piece: Piece) -> None:
        """A piece is on its way to its agent."""
        if piece[0].topic == self.path[-1]:
            self.early.begin(place(piece), piece)

    async def on_shutdown(self) -> None:
        await super().on_shutdown()
        self.early.forget()
        await self.sinks.publisher.stop()
        await self.sinks.redis.aclose()


def _cannot_stop() -> None:
    log.error("worker.cannot_stop", seconds=STOP_SECONDS, remedy="none needed: what it had in hand is read again")
    os._exit(EXIT_CODE)


async def _say_what_is_ours(app: Any, assigned: Any, **_: Any) -> None:
    log.info("worker.partitions", ours=sorted(f"{one.topic}/{one.partition}" for one in assigned), app=app.conf.id)
