"""``python -m bench.bodies REDIS_URL``: what the messages that a medpulse keeps take in its Redis, and what packing them costs.

``--train FILE`` trains a dictionary for them besides (`events.view.bodies`), on every other message, and measures it on the
others. Dictionary 2 was trained so on what ``medpulse demo`` keeps.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard
from redis.asyncio import Redis

from bench.result import taking_turns
from events.addresses import redis_client
from events.view import layout
from events.view.bodies import LEVEL, pack, unpack, zstandard_of

SIZE = 32_000
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Packing:
    """Mean bytes of a message, and microseconds of processor to pack it and to read it again."""

    size: float
    pack: float
    unpack: float


async def kept(redis: Redis) -> list[bytes]:
    """Every event and every text of a notice, as JSON, in an order that is the same for the same messages."""
    found = {unpack(raw) for raw in await redis.hvals(layout.events(layout.FIRST))}
    async for key in redis.scan_iter(match=f"{layout.NOTICE_TEXT}*"):
        found |= {unpack(raw) for raw in await redis.lrange(key, 0, -1) if isinstance(raw, bytes)}
    return sorted(found)


def measured(packing: Callable[[bytes], bytes], reading: Callable[[bytes], bytes], said: Sequence[bytes]) -> Packing:
    """What a way of packing makes of these messages. Raises ValueError where it does not give them back."""
    packed = [packing(one) for one in said]
    if [reading(one) for one in packed] != list(said):
        raise ValueError("what was packed is not read again as it was")
    seconds = taking_turns([lambda: [*map(packing, said)], lambda: [*map(reading, packed)]], ROUNDS)
    return Packing(sum(map(len, packed)) / len(said), *(one / len(said) * 1e6 for one in seconds))


def trained(said: Sequence[bytes], size: int) -> bytes:
    """A dictionary of so many bytes for messages like these."""
    return zstandard.train_dictionary(size, list(said), level=LEVEL).as_bytes()


async def run(url: str, train: Path | None, size: int) -> None:
    """Measure, train where that is asked for, and print."""
    redis = redis_client(url)
    try:
        said = await kept(redis)
    finally:
        await redis.aclose()
    if not said:
        sys.exit(f"nothing is kept in {url}: give the Redis of a medpulse that has read something")
    print(f"{len(said)} messages of {sum(map(len, said)) / len(said):,.0f} bytes")
    _tell("as they are packed now", measured(pack, unpack, said))
    if train:
        train.write_bytes(raw := trained(said[::2], size))
        own = zstandard_of(raw)
        _tell(f"the other half, with {train}", measured(own.pack, own.unpack, said[1::2]))


def _tell(what: str, one: Packing) -> None:
    print(f"{what}: {one.size:,.0f} bytes, {one.pack:.1f} µs to pack, {one.unpack:.1f} µs to read")


def main() -> None:
    """Parse, run."""
    parser = argparse.ArgumentParser(prog="python -m bench.bodies", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("redis", help="for example redis://127.0.0.1:6379/0; a demo that is up says its own")
    parser.add_argument("--train", type=Path, help="write a dictionary to this file")
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of the dictionary")
    asked = parser.parse_args()
    asyncio.run(run(asked.redis, asked.train, asked.size))


if __name__ == "__main__":
    main()
