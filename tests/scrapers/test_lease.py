"""Several scraper processes on one real Valkey: one polls a host, it takes over from the dead, and the slow are fenced off."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from events.clock import VirtualClock, monotonic
from events.messages import Outcome
from events.view.layout import text
from scrapers.lease import Leases, share_of
from scrapers.room import ScraperRoom
from scrapers.seen import Fenced, Memory, RedisSeen
from tests.scrapers.hostile import Hostile, hang, listed
from tests.scrapers.rig import A, B, Rig, rigged, small

TTL = 0.6
HOSTS = [f"host{number:02}.example" for number in range(12)]


async def _until(condition: Callable[[], bool], seconds: float = 10.0) -> float:
    """Wait for a condition; returns how long it took."""
    began = monotonic()
    while not condition():
        assert monotonic() - began < seconds, "it did not come to pass"
        await asyncio.sleep(0.01)
    return monotonic() - began


@given(st.lists(st.uuids().map(str), min_size=2, max_size=9, unique=True))
def test_hosts_are_shared_evenly_and_one_that_goes_moves_no_others(living: list[str]) -> None:
    hosts = [f"h{number}" for number in range(200)]
    before = {host: share_of(host, living) for host in hosts}
    shares = Counter(before.values())
    assert set(shares) <= set(living)
    assert max(shares.values()) <= 3 * len(hosts) / len(living)
    after = {host: share_of(host, living[1:]) for host in hosts}
    assert {host for host in hosts if before[host] != after[host]} == {h for h in hosts if before[h] == living[0]}
    assert share_of("h", []) is None


@pytest.mark.asyncio
async def test_every_host_is_held_by_exactly_one_and_given_back_at_a_clean_stop(redis: Redis) -> None:
    one, two = Leases(redis, ttl=TTL, owner="one"), Leases(redis, ttl=TTL, owner="two")
    async with one.kept(HOSTS):
        await _until(lambda: one.held == HOSTS)
        async with two.kept(HOSTS):
            await _until(lambda: sorted(one.held + two.held) == HOSTS and bool(two.held) and bool(one.held))
            assert not set(one.held) & set(two.held)
        took = await _until(lambda: one.held == HOSTS)
    assert took < TTL, "a clean stop is no death: nobody waits for a lease to end"
    assert await redis.keys("medpulse:lease:*}") == []


@pytest.mark.asyncio
async def test_the_hosts_of_a_killed_process_move_on(redis: Redis, redis_url: str) -> None:
    arguments = [sys.executable, "-m", "tests.scrapers.leaseholder", redis_url, "child", str(TTL), *HOSTS]
    child = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.PIPE)
    mine = Leases(redis, ttl=TTL, owner="parent")
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"held\n"
        tokens = {host: int(text(await redis.get(f"medpulse:lease:{{{host}}}:token") or b"")) for host in HOSTS}
        async with mine.kept(HOSTS):
            await _until(lambda: bool(mine.held))
            assert len(mine.held) < len(HOSTS)
            child.send_signal(signal.SIGKILL)
            await child.wait()
            took = await _until(lambda: mine.held == HOSTS)
            grown = [(await mine.of(host)).token > tokens[host] for host in HOSTS]
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    assert took < 4 * TTL
    assert all(grown), "every holder has a higher token than the one before"


def test_a_dead_process_is_replaced_within_a_minute() -> None:
    leases = Leases(Redis())
    assert leases._ttl <= 30
    assert leases._ttl * (1 + 2 / 3) <= 60


@pytest.mark.asyncio
async def test_a_lease_that_cannot_be_renewed_is_lost(redis: Redis) -> None:
    leases = Leases(redis, ttl=TTL, owner="one")
    async with leases.kept(HOSTS[:1]):
        lease = await leases.of(HOSTS[0])
        await redis.set(f"medpulse:lease:{{{HOSTS[0]}}}", "another")
        await asyncio.wait_for(lease.lost.wait(), 5)
        assert leases.held == []
        await redis.delete(f"medpulse:lease:{{{HOSTS[0]}}}")
        again = await asyncio.wait_for(leases.of(HOSTS[0]), 5)
    assert again.token > lease.token
    assert again.lost.is_set(), "a stop ends it for whoever polls under it"


@pytest.mark.asyncio
async def test_without_redis_no_lease_is_held() -> None:
    async with Redis.from_url("redis://127.0.0.1:1") as nobody:
        leases = Leases(nobody, ttl=TTL)
        async with leases.kept(HOSTS[:1]):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(leases.of(HOSTS[0]), TTL)
    assert leases.held == []


@pytest.mark.asyncio
async def test_a_poll_by_hand_takes_a_lease_from_its_holder_and_gives_it_back(redis: Redis) -> None:
    room, hand = Leases(redis, ttl=TTL, owner="room"), Leases(redis, ttl=TTL, owner="hand")
    async with room.kept(HOSTS[:1]):
        first = await room.of(HOSTS[0])
        async with hand.taken(HOSTS[0]) as lease:
            assert lease.token > first.token
            await asyncio.wait_for(first.lost.wait(), 5)
            assert room.held == []
        assert (await asyncio.wait_for(room.of(HOSTS[0]), 5)).token > lease.token


@pytest.mark.asyncio
async def test_what_an_old_holder_writes_is_refused_whole(redis: Redis) -> None:
    old, new = RedisSeen(redis), RedisSeen(redis)
    await old.hold(["s"], 4)
    await old.mark("s", {"a": "1"})
    await new.hold(["s"], 5)
    for write in (
        old.mark("s", {"a": "2", "b": "2"}),
        old.tried("s", ["c"]),
        old.remember("s", Memory(begun=True)),
        old.keep("s", {"a": b"x"}, ["b"]),
        old.hold(["s"], 4),
    ):
        with pytest.raises(Fenced, match="another process has taken over the host of s"):
            await write
    assert await new.known("s", ["a", "b"]) == {"a": "1"}
    assert (await new.tries("s", ["c"]), await new.memory("s"), await new.kept("s", ["a"])) == ({}, Memory(), {})
    await new.mark("s", {"a": "2"})
    assert await new.known("s", ["a"]) == {"a": "2"}


@pytest.mark.asyncio
async def test_a_poll_that_outlived_its_lease_tells_nothing_and_marks_nothing(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    source = small(site.url(), details=False)
    site.pages["/list"] = listed(A)
    async with rigged(tmp_path / "1", clock, seen=RedisSeen(redis)) as slow:
        await slow.runner.hold([source], 1)
        async with rigged(tmp_path / "2", clock, seen=RedisSeen(redis)) as quick:
            await quick.runner.hold([source], 2)
            report = await slow.poll(source)
            assert (report.outcome, "another process" in report.health.detail) == (Outcome.OUTAGE, True)
            assert report.unrecorded is not None
            assert slow.sent.health == []
            assert (await quick.poll(source)).outcome is Outcome.NEW
            assert [one.outcome for one in quick.sent.health] == [Outcome.NEW]


@asynccontextmanager
async def _two_rooms(
    folder: Path, clock: VirtualClock, redis: Redis, sites: list[Hostile]
) -> AsyncIterator[tuple[list[Rig], list[Leases], list[asyncio.Event]]]:
    """Two scraper rooms, each with a runner of its own, on one store."""
    sources = [small(site.url(), id=f"s{number}", details=False) for number, site in enumerate(sites)]
    async with AsyncExitStack() as stack:
        rigs = [
            await stack.enter_async_context(rigged(folder / name, clock, seen=RedisSeen(redis))) for name in ("1", "2")
        ]
        leases = [Leases(redis, ttl=TTL, owner=f"room-{number}") for number in range(2)]
        stops = [asyncio.Event() for _ in rigs]
        rooms = [
            asyncio.create_task(ScraperRoom(rig.runner, sources, seed=1, leases=mine).run(stop))
            for rig, mine, stop in zip(rigs, leases, stops, strict=True)
        ]
        try:
            yield rigs, leases, stops
        finally:
            for stop in stops:
                stop.set()
            await asyncio.gather(*rooms)


def _polls(rigs: list[Rig]) -> Counter[str]:
    return Counter(health.source_id for rig in rigs for health in rig.sent.health)


async def _advanced(clock: VirtualClock, condition: Callable[[], bool]) -> None:
    """Wait for a condition, moving the clock on whenever somebody waits for it."""

    def moved() -> bool:
        if (wake := clock.next_wake()) is not None:
            ticking.append(asyncio.ensure_future(clock.advance_to(wake)))
        return condition()

    ticking: list[asyncio.Future[None]] = []
    await _until(moved)
    await asyncio.gather(*ticking)


@pytest.mark.asyncio
async def test_two_rooms_share_the_catalogue_and_one_goes_on_alone(
    tmp_path: Path, clock: VirtualClock, redis: Redis
) -> None:
    async with AsyncExitStack() as stack:
        sites = [await stack.enter_async_context(Hostile()) for _ in range(8)]
        for site in sites:
            site.pages["/list"] = listed(A)
        hosts = sorted(f"127.0.0.1:{site.port}" for site in sites)
        async with _two_rooms(tmp_path, clock, redis, sites) as (rigs, leases, stops):
            # with eight hosts it happens once in 128 that one room has them all; then there is nothing to share
            await _until(lambda: sorted(leases[0].held + leases[1].held) == hosts)
            await _advanced(clock, lambda: len(_polls(rigs)) == 8)
            everything = Counter(key for rig in rigs for key in rig.sent.keys.elements())
            assert everything == {"a": 8}, "nobody polled what another polls"
            for site in sites:
                site.pages["/list"] = listed(A, B)
            stops[0].set()
            await _until(lambda: leases[1].held == hosts)
            await _advanced(clock, lambda: sum(rig.sent.keys["b"] for rig in rigs) == 8)
    assert _polls(rigs).keys() == {f"s{number}" for number in range(8)}


@pytest.mark.asyncio
async def test_a_room_that_loses_a_host_drops_the_poll_that_is_under_way(
    tmp_path: Path, clock: VirtualClock, redis: Redis, site: Hostile
) -> None:
    site.pages["/list"] = hang
    source = small(site.url(), details=False)
    leases, stop = Leases(redis, ttl=TTL), asyncio.Event()
    async with rigged(tmp_path, clock, seen=RedisSeen(redis)) as rig:
        room = asyncio.create_task(ScraperRoom(rig.runner, [source], leases=leases).run(stop))
        await _advanced(clock, site.arrived.is_set)
        async with Leases(redis, ttl=TTL).taken(f"127.0.0.1:{site.port}"):
            await _until(lambda: leases.held == [])
            assert rig.sent.health == []
        stop.set()
        await room
