"""Reading ahead: in order, one item further than what is being done, and nothing is left running."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from events.consumed import Consumed
from events.topics import EVENTS, NOTICES_UNIQUE
from events.wire import encode
from streams.ahead import Early, ahead, breathing
from streams.app import StreamConfig, make_app
from streams.enrich.events import events_of
from tests.streams.make import approval

pytestmark = pytest.mark.asyncio


async def test_the_next_is_read_while_one_is_being_done_and_no_more() -> None:
    began: list[int] = []

    async def read(item: int) -> int:
        began.append(item)
        return item * 10

    async for item, said in ahead(read, range(4)):
        assert said == item * 10
        for _ in range(3):
            await asyncio.sleep(0)
        assert began == list(range(min(item + 2, 4)))
    assert began == [0, 1, 2, 3]


async def test_the_order_is_that_of_the_items_however_long_each_takes() -> None:
    later = asyncio.Event()

    async def read(item: int) -> int:
        if item == 0:
            await later.wait()
        later.set()
        return item

    assert [item async for item, _ in ahead(read, range(3))] == [0, 1, 2]


async def test_a_fault_comes_in_its_turn() -> None:
    async def read(item: int) -> int:
        if item == 1:
            raise ValueError("one")
        return item

    readings = ahead(read, range(3))
    assert await anext(readings) == (0, 0)
    with pytest.raises(ValueError, match="one"):
        await anext(readings)


async def test_what_is_being_read_is_cancelled_with_the_rest() -> None:
    cancelled = asyncio.Event()

    async def read(item: int) -> int:
        try:
            if item:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return item

    readings = ahead(read, range(2))
    assert await anext(readings) == (0, 0)
    await asyncio.sleep(0)
    await readings.aclose()
    await cancelled.wait()


async def test_others_go_on_between_items() -> None:
    seen: list[int] = []
    told: list[int] = []

    async def other() -> None:
        for _ in range(3):
            told.append(len(seen))
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async for item in breathing(range(6), every=2):
        seen += [item]
    await task
    assert told == [2, 4, 6]


async def test_what_comes_is_read_before_it_is_taken_and_once() -> None:
    began: list[str] = []

    async def read(item: str) -> str:
        began.append(item)
        return item.upper()

    early = Early[int, str, str](read)
    early.begin(1, "a")
    early.begin(2, "b")
    await asyncio.sleep(0)
    assert began == ["a", "b"]
    assert [await early.take(2, "b"), await early.take(1, "a")] == ["B", "A"]
    assert began == ["a", "b"]
    assert await early.take(3, "c") == "C"  # nobody had begun it


async def test_what_nobody_will_take_is_let_go_and_read_anew_if_somebody_does() -> None:
    cancelled: list[str] = []
    shut = asyncio.Event()

    async def read(item: str) -> str:
        try:
            await shut.wait()
        except asyncio.CancelledError:
            cancelled.append(item)
            raise
        return item

    early = Early[int, str, str](read)
    early.begin(1, "a")
    early.begin(2, "b")
    taking = asyncio.ensure_future(early.take(2, "b"))
    await asyncio.sleep(0)
    early.forget()  # a rebalance: what an agent has taken it finishes
    await asyncio.sleep(0)
    assert cancelled == ["a"]
    early.begin(1, "a again")
    early.begin(1, "a at last")  # lost on its way, and handed out again
    await asyncio.sleep(0)
    shut.set()
    assert await taking == "b"
    assert await early.take(1, "a at last") == "a at last"
    assert await early.take(1, "a") == "a"


async def test_a_fault_of_a_reading_comes_when_it_is_taken() -> None:
    async def read(_: str) -> str:
        raise ValueError("unreadable")

    early = Early[int, str, str](read)
    early.begin(1, "a")
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="unreadable"):
        await early.take(1, "a")


async def test_only_the_last_agent_on_the_path_has_its_pieces_read_as_they_come(tmp_path: Path) -> None:
    app = make_app(StreamConfig("127.0.0.1:1", "redis://127.0.0.1:1", str(tmp_path)), events_of)
    for topic in (EVENTS, NOTICES_UNIQUE):
        app.handed_out([Consumed(topic.name, 2, 7, None, encode(approval()))])
    [(message, event, given)] = await app.early.take((EVENTS.name, 2, 7), [])
    assert (message.offset, event) == (7, approval())
    assert given.gives
    assert await app.early.take((NOTICES_UNIQUE.name, 2, 7), []) == []
    await app.sinks.redis.aclose()
