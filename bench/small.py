"""``python -m bench.small``: what one small message and one small command cost the process that sends it, by itself.

The health of a source to the broker, once with our `Publisher` and once with aiokafka's producer that waits a millisecond for
more; a key's value of Redis, once with our client and once with redis-py's own. Embedded servers, one after the other, on
uvloop. The least of several turns: microseconds of processor, and of time until the answer.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from aiokafka import AIOKafkaProducer
from redis.asyncio import Redis

from events.addresses import redis_client
from events.clock import monotonic
from events.kafka import create_topics, publisher
from events.messages import HealthState, Outcome, SourceHealth
from events.wire import record
from medpulse.embedded.servers import embedded_servers

ROUNDS, TIMES = 7, 400
AT = datetime(2022, 3, 7, tzinfo=UTC)
Ask = Callable[[], Awaitable[object]]
HEALTH = record(
    SourceHealth(
        source_id="cmde", outcome=Outcome.UNCHANGED, state=HealthState.HEALTHY, at=AT, url="https://x.invalid/"
    )
)


async def least(ask: Ask, rounds: int) -> tuple[float, float]:
    """Microseconds of processor and of time for one."""
    found = []
    for _ in range(rounds + 1):
        began, spent = monotonic(), time.process_time()
        for _ in range(TIMES):
            await ask()
        found.append(((time.process_time() - spent) / TIMES * 1e6, (monotonic() - began) / TIMES * 1e6))
    processor, waited = zip(*found[1:], strict=True)
    return min(processor), min(waited)


async def run(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="medpulse-small-") as folder:
        async with embedded_servers(Path(folder) / "home") as servers:
            await create_topics(servers.bootstrap)
            ours, theirs = redis_client(servers.redis_url), Redis.from_url(servers.redis_url)
            plain = AIOKafkaProducer(
                bootstrap_servers=servers.bootstrap, acks="all", linger_ms=1, compression_type="zstd"
            )
            await plain.start()
            async with publisher(servers.bootstrap, idempotent=False) as out:
                asks: dict[str, Ask] = {
                    "a message, Publisher": lambda: out.send([HEALTH]),
                    "a message, aiokafka that lingers": lambda: plain.send_and_wait(
                        HEALTH.topic.name, HEALTH.value, key=HEALTH.key
                    ),
                    "a command, redis_client": lambda: ours.get("key"),
                    "a command, redis-py": lambda: theirs.get("key"),
                }
                for name, ask in asks.items():
                    processor, waited = await least(ask, rounds)
                    print(f"{name:34} {processor:6.0f} µs of processor {waited:6.0f} µs until the answer")
            await plain.stop()
            await ours.aclose()
            await theirs.aclose()


def main() -> None:
    """Parse, run."""
    parser = argparse.ArgumentParser(prog="python -m bench.small", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    uvloop.run(run(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
