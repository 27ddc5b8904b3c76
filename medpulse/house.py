"""What every room shares: Kafka and Redis once they answer, topics that exist, a producer; and whether all is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from aiokafka.errors import KafkaError
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError

from events.addresses import kafka_address, redis_client
from events.clock import Clock, SystemClock
from events.kafka import RETRY_SECONDS, Publisher, create_topics
from events.view import layout
from events.view.reader import View
from medpulse.backends import Backends, backends
from medpulse.embedded.running import find_running
from medpulse.errors import Failure
from medpulse.recovery import recover
from medpulse.settings import Settings
from medpulse.settings import settings as own_settings

log = structlog.get_logger()
LOOK_AGAIN = 0.2
QUIET = 3
"""Looks in a row that must find nothing left: between two agents a message is in nobody's backlog for a moment."""


@dataclass(frozen=True, slots=True)
class House:
    """What every room shares: settings, addresses, one Redis client, one producer, one clock."""

    settings: Settings
    backends: Backends
    redis: Redis
    publisher: Publisher
    clock: Clock


async def answering(settings: Settings, found: Backends) -> None:
    """Return at once, or, where the settings say ``patient``, once Kafka and Redis answer; says so while it waits.

    A wrong password is not waited for: whoever uses the address next raises it.
    """
    attempt = 0
    while settings.patient:
        try:
            await _asked(found)
        except AuthenticationError:
            return
        except (KafkaError, RedisError, OSError) as error:
            wait = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
            log.warning("room.waits_for_its_servers", error=str(error), retry_in=wait)
            attempt += 1
            await asyncio.sleep(wait)
        else:
            return


async def _asked(found: Backends) -> None:
    redis = redis_client(found.redis)
    try:
        await redis.ping()
    finally:
        await redis.aclose()
    await create_topics(found.kafka)


@asynccontextmanager
async def house(settings: Settings, found: Backends, clock: Clock, *, writes: bool = True) -> AsyncIterator[House]:
    """A house on these addresses, its topics created. Raises `BrokerAway` or redis ConnectionError.

    Without ``writes`` the broker is not asked for a producer, which some refuse (`_start`): nothing can be published.
    """
    redis = redis_client(found.redis)
    try:
        await redis.ping()
        if not found.attended:
            lost = await recover(redis)
            if lost:
                log.warning("embedded.recovered", unprocessed=lost, remedy="none needed: sources are read afresh")
        await create_topics(found.kafka)
        out = Publisher(found.kafka, idempotent=found.idempotent, redis=redis)
        try:
            if writes:
                await _start(out, found)
            yield House(settings, found, redis, out, clock)
        finally:
            await out.stop()
    finally:
        await redis.aclose()


@asynccontextmanager
async def at_home(*, writes: bool = False) -> AsyncIterator[House]:
    """The house of the instance that runs, or of the addresses that are set. Raises `Failure` where there is neither.

    It has a producer only for who ``writes``.
    """
    own = own_settings()
    if own.embedded and find_running(own.home.absolute()) is None:
        where = own.home.absolute()
        raise Failure(
            f"nothing runs on {where}, and its topics are gone with it: start `medpulse up`, or set MEDPULSE_KAFKA"
        )
    async with backends(own) as found, house(own, found, SystemClock(), writes=writes) as home:
        yield home


async def _start(out: Publisher, found: Backends) -> None:
    try:
        await out.start()
    except KafkaError as error:
        if not found.idempotent:
            raise
        remedy = "if it has no idempotent producer (Tansu has none), set MEDPULSE_IDEMPOTENT=false"
        servers = ",".join(kafka_address(found.kafka).servers)
        raise Failure(f"the broker at {servers} refused the producer ({error!r}): {remedy}") from error


async def drained(home: House, stop: asyncio.Event, seconds: float = 180.0, *, streams_only: bool = False) -> None:
    """Return once everything that was published has been processed by everybody, or ``stop`` is set.

    ``streams_only`` leaves the alerts out, where nobody runs them. Raises `Failure` if nothing moves for ``seconds``.
    """
    view = View(home.redis)
    quiet, last, still = 0, -1, 0.0
    while quiet < QUIET and not stop.is_set():
        behind = {
            pair: n for pair, n in (await view.backlog()).items() if not streams_only or pair[0] == layout.STREAMS
        }
        left = sum(behind.values())
        quiet = 0 if left else quiet + 1
        still = still + LOOK_AGAIN if left == last else 0.0
        last = left
        if left and still > seconds:
            stuck = ", ".join(f"{n} of {group} on {topic}" for (group, topic), n in behind.items() if n)
            log = home.settings.home / "logs" / "worker.log"
            raise Failure(f"nothing was processed for {seconds:.0f} s: {stuck} are left; see {log}")
        await asyncio.sleep(LOOK_AGAIN)
