"""Figures that are worked out once for each version, and that may stand for a while after it."""

from __future__ import annotations

import asyncio

import pytest

from board import kept
from board.index.follow import Version
from board.kept import Kept

pytestmark = pytest.mark.asyncio
ONE, TWO = Version("v1", 1), Version("v1", 2)


async def test_people_who_ask_at_one_time_wait_for_one_piece_of_work() -> None:
    made, held = 0, Kept()

    async def work() -> int:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        return made

    assert await asyncio.gather(*(held.get(("a",), ONE, work) for _ in range(5))) == [1] * 5
    assert await held.get(("a",), TWO, work) == 2
    await held.aclose()


async def test_what_may_stand_is_given_at_once_and_worked_out_anew_behind_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "PAUSE_SECONDS", 0.0)
    held, may_end = Kept(), asyncio.Event()

    async def first() -> str:
        return "first"

    async def second() -> str:
        await may_end.wait()
        return "second"

    assert await held.get(("a",), ONE, first, stale=300) == "first"
    assert await held.get(("a",), TWO, second, stale=300) == "first"
    assert held.replaced == 0
    may_end.set()
    assert await held.get(("a",), TWO, second) == "second", "who may not have the old one waits for the same work"
    assert held.replaced == 1
    await held.aclose()


async def test_what_went_wrong_is_raised_and_not_kept() -> None:
    held = Kept()

    async def wrong() -> int:
        raise ValueError("no")

    async def right() -> int:
        return 1

    with pytest.raises(ValueError, match="no"):
        await held.get(("a",), ONE, wrong)
    assert await held.get(("a",), ONE, right) == 1
    await held.aclose()
