"""``python -m bench.chaos --seed S --faults F --events E`` (`make chaos`): exit code 1 unless its last line is all noughts."""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bench.chaos.feeder import CALM, CURSOR
from bench.chaos.hurt import carry_out
from bench.chaos.judge import Verdict, drained, judge
from bench.chaos.plan import plan
from bench.chaos.receiver import SlackLike
from bench.chaos.sector import alerted, pages, standing
from bench.chaos.stage import Stage
from events.clock import SystemClock, monotonic
from events.kafka import BrokerAway, create_topics
from events.view import layout
from medpulse.embedded.servers import kafka_answers, redis_answers
from streams.sinks import surely

LOOK_SECONDS = 5.0
START_SECONDS = 300.0
_BEGAN = monotonic()


def say(text: str) -> None:
    """A line with the seconds since the beginning."""
    print(f"{monotonic() - _BEGAN:7.1f} s  {text}", flush=True)


async def run(asked: argparse.Namespace, folder: Path) -> Verdict:
    """The whole run, in ``folder``. Raises `bench.chaos.judge.NotDrained`, or TimeoutError where the servers do not start."""
    told = pages(asked.seed, asked.events)
    expected = standing(told)
    faults = plan(asked.seed, asked.faults, asked.spacing)
    pace = 0.8 * faults[-1].at / len(told) if faults else 0.0
    people = len(alerted(expected))
    say(f"{len(told)} pages, {len(expected)} events that must stand, {people} alerts, {len(faults)} faults")
    stage, receiver = Stage(folder, asked.seed, asked.events, pace), SlackLike()
    redis: Redis = Redis.from_url(stage.redis, socket_timeout=10.0)
    watching = asyncio.create_task(_watch(redis, receiver, len(told)))
    try:
        await receiver.start(stage.ports["slack"])
        await stage.start_servers()
        await _ready(stage)
        stage.start_rooms()
        await _begun(redis)
        say("the first event is applied")
        done = await carry_out(stage, faults, say)
        say("faults by kind: " + ", ".join(f"{kind} {n}" for kind, n in sorted(done.items())))
        await surely(lambda: redis.set(CALM, 1), "chaos")
        await _fed(stage, asked.patience)
        took = await drained(stage.kafka, redis, asked.patience)
        say(f"drained {took:.0f} s after the last page")
        for name, actor in stage.actors.items():
            say(f"{name} ended with {dict(actor.ends)}")
        return await judge(redis, expected, receiver)
    finally:
        watching.cancel()
        await stage.stop()
        await receiver.stop()
        await redis.aclose()


async def _ready(stage: Stage) -> None:
    clock = SystemClock()
    async with asyncio.timeout(START_SECONDS):
        while not (await kafka_answers(stage.ports["kafka"]) and await redis_answers(stage.ports["redis"])):
            await clock.sleep(0.5)
        while True:
            try:
                return await create_topics(stage.kafka)
            except BrokerAway:
                await clock.sleep(0.5)


async def _begun(redis: Redis) -> None:
    """Faults come to rooms that run."""
    clock = SystemClock()
    async with asyncio.timeout(START_SECONDS):
        while not await redis.exists(layout.applied(layout.FIRST)):
            await clock.sleep(0.5)


async def _fed(stage: Stage, seconds: float) -> None:
    clock = SystemClock()
    async with asyncio.timeout(seconds):
        while not stage.actors["feeder"].finished:
            await clock.sleep(0.5)


async def _watch(redis: Redis, receiver: SlackLike, of: int) -> None:
    """Say now and then how far it has come."""
    clock = SystemClock()
    while True:
        await clock.sleep(LOOK_SECONDS)
        try:
            fed, applied = await redis.get(CURSOR), await redis.hlen(layout.applied(layout.FIRST))
        except (RedisError, OSError):
            say("Redis is away")
            continue
        say(f"{int(fed or 0)}/{of} pages, {applied} events applied, {len(receiver.told)} alerts told")


def show(verdict: Verdict) -> None:
    """Print what was found; the verdict is the last line."""
    for what, some in (("lost", verdict.lost), ("not expected", verdict.extra), ("never told", verdict.untold)):
        for one in some[:10]:
            print(f"{what}: {one}")
    for difference in verdict.wrong[:20]:
        print(f"wrong: {difference}")
    print(f"events {verdict.events}, dead letters {verdict.dead_letters}")
    print(f"duplicate deliveries {verdict.duplicates}, of them not marked as possible duplicates {verdict.unmarked}")
    print(verdict.line)


def main() -> int:
    """Parse, run, show."""
    parser = argparse.ArgumentParser(prog="make chaos", description=(__doc__ or "").split("(")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--spacing", type=float, default=5.0, help="mean seconds between two faults")
    parser.add_argument("--patience", type=float, default=1200.0, help="seconds that the end may take to be drained")
    parser.add_argument("--folder", type=Path, help="keep data and logs here")
    asked = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it says while the broker is killed is no news here
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="medpulse-chaos-"))
    verdict = asyncio.run(run(asked, folder))
    show(verdict)
    if verdict.well and asked.folder is None:
        shutil.rmtree(folder, ignore_errors=True)
    elif not verdict.well:
        print(f"data and logs are in {folder}", file=sys.stderr)
    return 0 if verdict.well else 1


if __name__ == "__main__":
    sys.exit(main())
