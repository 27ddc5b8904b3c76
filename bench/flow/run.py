"""One run: rounds of all contenders on the same broker with the same notices; medians of the rounds."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from redis.asyncio import Redis

from bench.flow.contenders import CONTENDERS, PEERS, Contender, peer, whole_path
from bench.flow.cost import Cost, median
from bench.flow.load import PLAIN, pour_envelopes, pour_plain
from bench.flow.servers import Place, servers
from events.kafka import create_topics, publisher
from events.topics import TOPICS

Say = Callable[[str], None]
ALL = "".join(one.key for one in CONTENDERS)
EVENTS, ROUNDS = 12_000, 3
"""What `make bench` takes of its twenty minutes for this: plain Faust does 300 to 1,100 events a second."""


async def flow(
    many: int, rounds: int, say: Say, *, only: Collection[str] = ALL, real: bool = False, distinct: bool = False
) -> dict[str, Cost]:
    """The median cost of each contender by its key. Raises `bench.flow.contenders.Failed`.

    Each round has a fresh broker and store, and its contenders take turns, so that a slow minute of the machine meets them all.
    """
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    chosen = [one for one in CONTENDERS if one.key in only]
    if absent := [one.name for one in chosen if one.foreign and not PEERS.exists()]:
        say(f"left out, for want of `make .venv/bench`: {', '.join(absent)}")
        chosen = [one for one in chosen if not one.foreign or PEERS.exists()]
    found: dict[str, list[Cost]] = {one.key: [] for one in chosen}
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory(prefix="medpulse-flow-") as folder:
            async with servers(Path(folder), real=real) as place:
                await _filled(place, many, say, distinct=distinct)
                for contender in chosen:
                    cost = await _cost(contender, place, many)
                    found[contender.key].append(cost)
                    say(f"round {number}/{rounds}  {line(contender, cost)}")
    return {key: median(costs) for key, costs in found.items()}


async def _filled(place: Place, many: int, say: Say, *, distinct: bool) -> None:
    await create_topics(place.kafka, (*TOPICS, PLAIN))
    size = await pour_plain(place.kafka, many, distinct=distinct)
    async with publisher(place.kafka, idempotent=place.real) as out:
        await pour_envelopes(out, many, distinct=distinct)
    say(f"{many} notices of {size:.0f} bytes are on the broker, one a message and in envelopes")


async def _cost(contender: Contender, place: Place, many: int) -> Cost:
    redis: Redis = Redis.from_url(place.redis)
    try:
        await redis.flushall()
        return await (peer(contender, place, many) if contender.module else whole_path(place, redis, many))
    finally:
        await redis.aclose()


def line(contender: Contender, cost: Cost) -> str:
    """A contender's figures on one line; pure."""
    return (
        f"({contender.key}) {contender.name:44} {cost.rate:9,.0f} events/s  {cost.cpu_per_million:8,.1f} CPU s/million  "
        f"{cost.peak_mb:5,.0f} MB"
    )


def ratios(found: Mapping[str, Cost]) -> dict[str, float]:
    """The figures that goals are set for, of those that were measured; pure."""
    pairs = {
        "whole path / plain Faust": ("b", "c"),
        "whole path / quixstreams": ("b", "d"),
        "whole path / confluent-kafka": ("b", "e"),
    }
    made = {name: found[x].rate / found[y].rate for name, (x, y) in pairs.items() if x in found and y in found}
    cpu = {
        "CPU of plain Faust / of the whole path": ("c", "b"),
        "CPU of quixstreams / of the whole path": ("d", "b"),
    }
    made |= {
        name: found[x].cpu_per_million / found[y].cpu_per_million
        for name, (x, y) in cpu.items()
        if x in found and y in found
    }
    if "a" in found and "t" in found:
        made["transport, CPU of (a) / of one hop"] = found["a"].cpu_per_million / found["t"].cpu_per_million
    return made
