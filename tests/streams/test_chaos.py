"""The parts of `make chaos` that judge and hurt: a judge that cannot find a fault, or a plan that differs, proves nothing."""

from __future__ import annotations

import asyncio
from collections import Counter

import aiohttp
import pytest
from redis.asyncio import Redis

from alerts.render import POSSIBLE_DUPLICATE
from bench.chaos.judge import judge
from bench.chaos.plan import Kind, plan
from bench.chaos.proxy import Proxy
from bench.chaos.receiver import SlackLike
from bench.chaos.sector import alerted, pages, standing
from bench.soak import Row, faults
from events.event import DeviceApproval
from medpulse.embedded.process import free_port
from streams.store import Store

EVENTS = 240


def test_the_same_seed_is_the_same_storm_and_every_kind_comes() -> None:
    first, again, other = plan(1, 200, 5.0), plan(1, 200, 5.0), plan(2, 200, 5.0)
    assert first == again != other
    assert len(first) == 200
    assert {fault.kind for fault in plan(1, 12, 5.0)} == set(Kind)
    killed = Counter(fault.whom for fault in first if fault.kind is Kind.KILL)
    assert set(killed) == {"feeder", "worker-1", "worker-2", "alerts", "redis", "kafka"}
    assert 15 < max(fault.seconds for fault in first) <= 20


def test_the_same_seed_tells_the_same_and_no_fact_twice() -> None:
    told = pages(3, EVENTS)
    assert told == pages(3, EVENTS)
    expected = standing(pages(3, 2000))
    assert len(expected) > 1500
    assert alerted(expected)


@pytest.mark.asyncio
async def test_the_judge_finds_what_is_lost_too_much_wrong_and_untold(redis: Redis) -> None:
    expected = standing(pages(3, EVENTS))
    store = Store(redis)
    await store.load()
    gone, changed, *rest = (event for event in expected.values() if isinstance(event, DeviceApproval))
    stranger = gone.model_copy(update={"event_id": "certificate:stranger"})
    wrong = changed.model_copy(update={"device_class": 1})
    others = [event for event in expected.values() if event not in (gone, changed)]
    await store.apply([*others, wrong, stranger])
    verdict = await judge(redis, expected, SlackLike())
    assert rest
    assert set(verdict.lost) == {gone.event_id, changed.event_id}
    assert verdict.extra == [stranger.event_id]
    assert verdict.wrong
    assert set(verdict.untold) == alerted(expected)
    assert not verdict.well


@pytest.mark.asyncio
async def test_the_judge_finds_nothing_where_nothing_is(redis: Redis) -> None:
    expected = standing(pages(3, EVENTS))
    store = Store(redis)
    await store.load()
    await store.apply(list(expected.values()))
    receiver = SlackLike()
    receiver.told.update(alerted(expected))
    verdict = await judge(redis, expected, receiver)
    assert verdict.line == "lost 0 duplicated 0 wrong 0 alerts_lost 0"
    assert verdict.well


@pytest.mark.asyncio
async def test_the_receiver_counts_who_was_told_again_without_a_word() -> None:
    receiver, port = SlackLike(), free_port()
    await receiver.start(port)
    try:
        async with aiohttp.ClientSession() as session:
            for number, mark in (("1", ""), ("1", POSSIBLE_DUPLICATE), ("2", ""), ("2", "")):
                said = {"blocks": [{"text": f"国械注准2021320{number}"}, {"text": mark}]}
                async with session.post(f"http://127.0.0.1:{port}/hook", json=said) as answer:
                    assert await answer.text() == "ok"
    finally:
        await receiver.stop()
    assert (receiver.duplicates, receiver.unmarked_duplicates) == (2, 1)


@pytest.mark.asyncio
async def test_the_proxy_passes_bytes_and_resets_connections() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while some := await reader.read(100):
            writer.write(some)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    proxy = Proxy(free_port(), server.sockets[0].getsockname()[1])
    await proxy.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"here")
        assert await reader.readexactly(4) == b"here"
        assert proxy.reset() == 1
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
    finally:
        await proxy.stop()
        server.close()


def test_the_soak_finds_what_grows() -> None:
    def row(day: int, own: float, keys: int) -> Row:
        return Row(day, own, 90, 3, keys, 200, 250)

    assert faults([row(5, 50, 10), row(30, 100, 40), row(90, 110, 45)]) == []
    assert len(faults([row(30, 100, 40), row(90, 200, 400)])) == 2
