"""A process that holds leases until it is killed: ``python -m tests.scrapers.leaseholder REDIS_URL OWNER TTL HOST…``."""

from __future__ import annotations

import asyncio
import sys

from redis.asyncio import Redis

from scrapers.lease import Leases


async def _main(url: str, owner: str, ttl: str, *hosts: str) -> None:
    redis: Redis = Redis.from_url(url)
    leases = Leases(redis, ttl=float(ttl), owner=owner)
    async with leases.kept(hosts):
        for host in hosts:
            await leases.of(host)
        sys.stdout.write("held\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
