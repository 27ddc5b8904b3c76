"""Doing what the plan says."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from bench.chaos.plan import Fault, Kind
from bench.chaos.stage import Stage
from events.clock import SystemClock, monotonic
from events.topics import MAX_MESSAGE_BYTES, TOPICS

MOST_REPLAYED = 200
REPLAY_SECONDS = 30.0


async def carry_out(stage: Stage, faults: Sequence[Fault], say: Callable[[str], None]) -> Counter[Kind]:
    """Carry out every fault at its time; one that lasts does not delay the next. Returns how many were done, by kind."""
    clock, began, done = SystemClock(), monotonic(), Counter[Kind]()
    lasting: list[asyncio.Task[None]] = []
    for number, fault in enumerate(faults, start=1):
        await clock.sleep(max(0.0, began + fault.at - monotonic()))
        say(f"fault {number}/{len(faults)}: {fault}")
        if fault.kind is Kind.REPLAY:
            lasting.append(asyncio.create_task(_replay(stage.kafka, fault.whom)))
        elif fault.kind is Kind.STOP:
            lasting.append(asyncio.create_task(_stop(stage, fault)))
        else:
            _at_once(stage, fault)
        done[fault.kind] += 1
    await asyncio.gather(*lasting)
    return done


def _at_once(stage: Stage, fault: Fault) -> None:
    match fault.kind:
        case Kind.KILL:
            stage.actors[fault.whom].signal(signal.SIGKILL)
        case Kind.BOTH:
            for name in ("worker-1", "worker-2"):
                stage.actors[name].signal(signal.SIGTERM)
        case _:
            client, _, server = fault.whom.partition("~")
            stage.proxies[client, server].reset()


async def _stop(stage: Stage, fault: Fault) -> None:
    stage.actors[fault.whom].signal(signal.SIGSTOP)
    await SystemClock().sleep(fault.seconds)
    stage.actors[fault.whom].signal(signal.SIGCONT)


async def _replay(bootstrap: str, topic: str) -> None:
    """Write the last messages of each partition once more, the last one first. Nothing where the broker is away."""
    try:
        async with asyncio.timeout(REPLAY_SECONDS):
            for partition in range(next(one.partitions for one in TOPICS if one.name == topic)):
                messages = await _last(bootstrap, TopicPartition(topic, partition))
                await _write(bootstrap, messages)
    except (KafkaError, OSError, TimeoutError):
        return


async def _last(bootstrap: str, partition: Any) -> list[Any]:
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        consumer.seek(partition, max(0, end - MOST_REPLAYED))
        found: list[Any] = []
        while end > await consumer.position(partition):
            found += (await consumer.getmany(partition, timeout_ms=500)).get(partition, [])
        return found
    finally:
        await consumer.stop()


async def _write(bootstrap: str, messages: Sequence[Any]) -> None:
    producer: Any = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=MAX_MESSAGE_BYTES)
    await producer.start()
    try:
        for one in reversed(messages):
            headers = list(one.headers)
            await producer.send(one.topic, value=one.value, key=one.key, headers=headers, partition=one.partition)
        await producer.flush()
    finally:
        await producer.stop()
