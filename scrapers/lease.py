"""Leases: which of several scraper processes polls a host. One process a host, since politeness is towards the host.

Each process says in Redis that it lives. A host belongs to one of the living by rendezvous hashing (Thaler and Ravishankar,
IEEE/ACM Transactions on Networking 1998), so that they share evenly, and one that comes or goes moves no other's hosts. The
lease makes it exclusive: it is taken when nobody holds it, renewed while it is held, and ends by itself when its process dies.
Its token grows with every holder; a process that slept through the end of its lease is refused by it (`RedisSeen.hold`).

Times are Redis's and this machine's real ones, never those of a virtual clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from events.clock import monotonic

log = structlog.get_logger(__name__)
ALIVE = "medpulse:leases:alive"
"""Sorted set: the processes that live, by when (milliseconds of Redis's clock) they are taken for dead."""

_BEAT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""

_TAKE = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
if held then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(redis.call('GET', KEYS[2]))
end
if ARGV[3] == 'renew' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('INCR', KEYS[2])
"""
"""The token of the lease, 0 where another process holds it, or where it was to be renewed and has ended."""

_SEIZE = """
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('INCR', KEYS[2])
"""

_DROP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


@dataclass(slots=True)
class Lease:
    """A host that is ours. ``lost`` is set once it is not; ``busy`` while a poll is under way, ``until`` by `monotonic`."""

    host: str
    token: int
    until: float
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    busy: bool = False


class Leases:
    """The leases of this process. ``ttl`` is seconds after which a dead process's hosts are free."""

    def __init__(self, redis: Redis, *, ttl: float = 15.0, owner: str | None = None) -> None:
        self.owner = owner or uuid4().hex
        self._redis: Any = redis
        self._ttl = ttl
        self._beat = redis.register_script(_BEAT)
        self._take = redis.register_script(_TAKE)
        self._seize = redis.register_script(_SEIZE)
        self._drop = redis.register_script(_DROP)
        self._held: dict[str, Lease] = {}
        self._changed = asyncio.Condition()

    @property
    def held(self) -> list[str]:
        """The hosts that are ours."""
        return sorted(self._held)

    @asynccontextmanager
    async def kept(self, hosts: Sequence[str]) -> AsyncIterator[None]:
        """Take and renew leases on those of ``hosts`` that are this process's share; all are given back at the end."""
        end = asyncio.Event()
        keeper = asyncio.create_task(self._keep(end, partial(self._once, hosts)))
        try:
            yield
        finally:
            end.set()
            await asyncio.gather(keeper, return_exceptions=True)
            await self._give_back()

    @asynccontextmanager
    async def taken(self, host: str) -> AsyncIterator[Lease]:
        """The lease on a host for one poll by hand, whoever holds it: its holder loses it, and takes it again afterwards."""
        args: list[str | int] = [self.owner, self._milliseconds]
        lease = self._held[host] = Lease(host, await self._seize(keys=[_lease(host), _token(host)], args=args), 0.0)
        lease.until = monotonic() + self._ttl
        end = asyncio.Event()
        keeper = asyncio.create_task(self._keep(end, partial(self._one, host)))
        try:
            yield lease
        finally:
            end.set()
            await asyncio.gather(keeper, return_exceptions=True)
            await self._give_back()

    async def of(self, host: str) -> Lease:
        """The lease on a host, once it is ours."""
        async with self._changed:
            await self._changed.wait_for(lambda: host in self._held)
            return self._held[host]

    async def _keep(self, end: asyncio.Event, once: Callable[[], Awaitable[None]]) -> None:
        """Do the round again and again until ``end``. It is never cut off by us: a connection would be left half used."""
        while not end.is_set():
            try:
                async with asyncio.timeout(self._ttl / 3):
                    await once()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("leases.redis_away", error=repr(error), held=len(self._held))
            self._end_those_that_ran_out()
            with suppress(TimeoutError):
                await asyncio.wait_for(end.wait(), self._ttl / 3)

    async def _once(self, hosts: Sequence[str]) -> None:
        """Say that we live, give back what is another's share, renew what is ours, and take what is free of it."""
        living = [one.decode() for one in await self._beat(keys=[ALIVE], args=[self.owner, self._milliseconds])]
        mine = {host for host in hosts if share_of(host, living) == self.owner}
        for host in [host for host, lease in self._held.items() if host not in mine and not lease.busy]:
            await self._drop(keys=[_lease(host)], args=[self.owner])
            self._end(host)
        for host in sorted(mine | self._held.keys()):
            await self._one(host)
        async with self._changed:
            self._changed.notify_all()

    async def _one(self, host: str) -> None:
        lease = self._held.get(host)
        began = monotonic()
        how = "renew" if lease else "take"
        token = await self._take(keys=[_lease(host), _token(host)], args=[self.owner, self._milliseconds, how])
        if lease and token != lease.token:
            self._end(host)
        elif lease:
            lease.until = began + self._ttl
        elif token:
            self._held[host] = Lease(host, token, began + self._ttl)

    def _end_those_that_ran_out(self) -> None:
        """A lease that could not be renewed in time is somebody else's for all we know."""
        for host in [host for host, lease in self._held.items() if monotonic() >= lease.until]:
            self._end(host)

    def _end(self, host: str) -> None:
        self._held.pop(host).lost.set()

    async def _give_back(self) -> None:
        hosts = self.held
        for host in hosts:
            self._end(host)
        try:
            async with asyncio.timeout(self._ttl / 3):
                await self._redis.zrem(ALIVE, self.owner)
                for host in hosts:
                    await self._drop(keys=[_lease(host)], args=[self.owner])
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("leases.not_given_back", error=repr(error), remedy="none needed: they end by themselves")

    @property
    def _milliseconds(self) -> int:
        return round(self._ttl * 1000)


def share_of(host: str, living: Iterable[str]) -> str | None:
    """Whose a host is among the living, the same for everybody who asks; None where nobody lives."""
    return max(living, key=lambda one: blake2b(f"{one}\n{host}".encode(), digest_size=8).digest(), default=None)


def _lease(host: str) -> str:
    return f"medpulse:lease:{{{host}}}"


def _token(host: str) -> str:
    return f"medpulse:lease:{{{host}}}:token"
