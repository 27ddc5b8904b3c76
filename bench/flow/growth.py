"""How the whole path grows with workers: the same notices before one worker, two, four, on the four partitions of each topic.

All workers have joined before the first notice is poured; the clock runs from there to the last event in the view. On two cores
the servers and the workers share them: processor time an event says what a worker more costs, events a second what it brings.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from redis.asyncio import Redis

from bench.flow.contenders import LOOK_SECONDS, PATIENCE, Failed, child, until, worker
from bench.flow.cost import Cost, cpu_of, peak_of
from bench.flow.load import pour_envelopes
from bench.flow.servers import Place, servers
from events.clock import SystemClock, monotonic
from events.kafka import create_topics, publisher
from events.topics import EVENTS, NOTICES, NOTICES_UNIQUE, SOURCE_HEALTH
from events.view import layout
from medpulse.embedded.process import Leashed

WORKERS = (1, 2, 4)
PARTITIONS = sum(topic.partitions for topic in (NOTICES, NOTICES_UNIQUE, EVENTS, SOURCE_HEALTH))
_OURS = re.compile(r"medpulse\.[a-z.-]+/\d+")


async def growth(
    many: int, workers: Sequence[int], say: Callable[[str], None], *, real: bool = False
) -> dict[int, Cost]:
    """The cost of so many events by number of workers: processor of all of them, the peak of the largest. Raises `Failed`."""
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    found: dict[int, Cost] = {}
    for number in workers:
        with tempfile.TemporaryDirectory(prefix="medpulse-growth-") as folder:
            async with servers(Path(folder), real=real) as place:
                await create_topics(place.kafka)
                found[number] = await _with(number, place, many)
        say(line(number, found[number]))
    return found


async def _with(number: int, place: Place, many: int) -> Cost:
    redis: Redis = Redis.from_url(place.redis)
    async with AsyncExitStack() as stack, publisher(place.kafka, idempotent=place.real) as out:
        started = [await stack.enter_async_context(worker(place, f"worker-{n}", "info")) for n in range(number)]
        await joined(started)
        pids = [child(one.pid) for one in started]
        cpu, began = sum(map(cpu_of, pids)), monotonic()
        await pour_envelopes(out, many)
        await until(redis, layout.applied(layout.FIRST), many, started[0])
        cost = Cost(many, monotonic() - began, sum(map(cpu_of, pids)) - cpu, max(map(peak_of, pids)))
    await redis.aclose()
    return cost


async def joined(started: Sequence[Leashed]) -> None:
    """Return once every worker has partitions, and together they have each of them once. Raises `Failed`."""
    clock, deadline = SystemClock(), monotonic() + PATIENCE
    while True:
        ours = [assigned(one.log.read_text(errors="replace")) for one in started]
        if all(ours) and sum(map(len, ours)) == len(set().union(*ours)) == PARTITIONS:
            return
        if fallen := next((one for one in started if one.exit_code is not None), None):
            raise fallen.failure("ended")
        if monotonic() > deadline:
            raise Failed(f"the workers have not shared the partitions after {PATIENCE:.0f} s: {ours}")
        await clock.sleep(10 * LOOK_SECONDS)


def assigned(log: str) -> set[str]:
    """The partitions that a worker was given last, as its log says; pure."""
    said = [one for one in log.splitlines() if "worker.partitions" in one]
    return set(_OURS.findall(said[-1])) if said else set()


def line(number: int, cost: Cost) -> str:
    """The figures of so many workers on one line; pure."""
    figures = f"{cost.rate:9,.0f} events/s  {cost.cpu_per_million:8,.1f} CPU s/million  {cost.peak_mb:5,.0f} MB each"
    return f"{number} workers {figures}"
