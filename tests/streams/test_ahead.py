"""Reading ahead: in order, one item further than what is being done, and nothing is left running."""

from __future__ import annotations

import asyncio

import pytest

from streams.ahead import ahead, breathing

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
