"""Pieces of a partition: how far may be committed, whatever was done in whatever order and however often it was handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.consumed import Consumed
from streams.agent import joined
from streams.transport import _Thread, pieces
from streams.turns import BEHIND, HELD, PASSES, PIECE_BYTES, TAKE, Handed, Portion, Turns


def message(offset: int, size: int = 1) -> Consumed:
    return Consumed("events", 0, offset, None, b"x" * size)


def test_a_piece_has_no_more_records_and_no_more_bytes_than_an_agent_takes() -> None:
    small = list(pieces([message(offset) for offset in range(2 * TAKE + 1)]))
    assert [len(one) for one in small] == [TAKE, TAKE, 1]
    assert [m.offset for one in small for m in one] == list(range(2 * TAKE + 1))
    large = list(pieces([message(offset, PIECE_BYTES // 2 + 1) for offset in range(3)]))
    assert [len(one) for one in large] == [1, 1, 1]


@dataclass
class Sent:
    """A piece on its way through Faust."""

    offsets: range
    acked: bool = False

    @property
    def offset(self) -> int:
        return self.offsets[-1]


def hand(handed: Handed, first: int, last: int) -> Sent:
    one = Sent(range(first, last + 1))
    handed.out(first, one, 1 + last - first)
    return one


def test_nothing_is_committed_past_a_piece_that_is_not_done() -> None:
    handed = Handed()
    first, second, third = (
        hand(handed, *span) for span in ((0, 9), (10, 14), (20, 29))
    )  # 15 to 19 were compacted away
    second.acked = third.acked = True
    assert handed.committable() is None
    first.acked = True
    assert handed.committable() == 29
    assert handed.committable() is None


def test_a_piece_that_was_lost_on_its_way_is_handed_out_again_and_holds_nothing_up() -> None:
    handed = Handed()
    hand(handed, 0, 9).acked = True
    hand(handed, 10, 19)  # a rebalance: its agent never saw it
    assert handed.committable() == 9
    for span in ((10, 14), (15, 24)):
        hand(handed, *span).acked = True
    assert handed.committable() == 24


def test_what_ended_at_the_same_offset_before_does_not_stand_for_a_longer_piece() -> None:
    handed = Handed()
    hand(handed, 0, 2)
    hand(handed, 3, 5).acked = True
    again = hand(handed, 0, 5)
    assert handed.committable() is None
    again.acked = True
    assert handed.committable() == 5


@given(st.data())
def test_what_is_committed_was_done_whole(data: st.DataObject) -> None:
    """Pieces are handed out, done in any order, late ones too, or handed out again from what is committed, in other sizes."""
    handed, at, committed = Handed(), 0, 0
    sent: list[Sent] = []
    for step in data.draw(st.lists(st.sampled_from(("out", "done", "again", "commit")), max_size=60)):
        match step:
            case "out":
                sent.append(hand(handed, at, at + data.draw(st.integers(0, 6))))
                at = sent[-1].offset + 1
            case "done" if sent:
                data.draw(st.sampled_from(sent)).acked = True
            case "again":
                at = committed
            case "commit":
                reached = handed.committable()
                committed = committed if reached is None else reached + 1
            case _:
                pass
        assert set(range(committed)) <= {offset for one in sent if one.acked for offset in one.offsets}


PATH = ("notices", "notices-unique", "events")
OURS = {topic: [f"{topic}-{number}" for number in range(4)] for topic in (*PATH, "source-health")}


def read(turns: Turns, in_hand: Mapping[str, int], lag: Mapping[str, int] | None = None) -> list[str]:
    """The topics that are read, in their order."""
    return [str(one.partitions[0]).rsplit("-", 1)[0] for one in turns.portions(in_hand, lag or {}, OURS)]


def test_what_is_done_is_no_longer_in_hand() -> None:
    handed = Handed()
    first, _ = hand(handed, 0, 9), hand(handed, 10, 14)
    assert handed.in_hand() == 15
    first.acked = True
    assert handed.in_hand() == 5


def test_what_is_nearest_to_its_end_is_read_first() -> None:
    assert read(Turns(PATH), {}) == ["source-health", "events", "notices-unique", "notices"]
    assert "notices" in read(Turns(PATH), {"events": BEHIND - 1, "notices": BEHIND})
    assert read(Turns(PATH), {"events": BEHIND}) == ["source-health", "events"]
    assert read(Turns(PATH), {"notices-unique": BEHIND}) == ["source-health", "events", "notices-unique"]
    assert read(Turns(PATH), {"notices-unique": HELD, "source-health": HELD}) == ["events"]


def test_what_waits_at_the_broker_counts_as_what_its_records_weigh() -> None:
    turns = Turns(PATH)
    assert "notices" in read(turns, {}, {"events": 10**9}), "nobody knows yet how large an event is"
    turns.saw("events", 2, 2200)
    assert "notices" in read(turns, {}, {"events": BEHIND // 1100 - 1})
    assert read(turns, {}, {"events": BEHIND // 1100 + 1}) == ["source-health", "events"]


def test_nothing_is_passed_over_for_ever_and_what_is_full_waits_nonetheless() -> None:
    turns, busy = Turns(PATH), {"events": BEHIND, "notices": HELD}
    for _ in range(3):
        assert all(read(turns, busy) == ["source-health", "events"] for _ in range(PASSES))
        assert read(turns, busy) == ["source-health", "events", "notices-unique"]


def test_the_partitions_of_a_topic_take_turns_at_being_first() -> None:
    turns = Turns(PATH)
    first = [turns.portions({}, {}, {"events": OURS["events"]})[0].partitions for _ in range(8)]
    assert {partitions[0] for partitions in first} == set(OURS["events"])
    assert all(set(partitions) == set(OURS["events"]) for partitions in first)


def test_no_more_is_asked_for_than_there_is_room_for() -> None:
    turns = Turns(PATH)
    turns.saw("events", 3, 3 * 1024)
    (portion,) = turns.portions({"events": HELD - 10 * 1024}, {}, {"events": OURS["events"]})
    assert portion.room == 10 * 1024
    assert portion.records(portion.room) == 10


@given(room=st.integers(1, HELD), size=st.integers(1, 4 * PIECE_BYTES))
def test_a_piece_is_asked_for_at_most_and_a_record_at_least(room: int, size: int) -> None:
    asked = Portion(("events-0",), room, size).records(room)
    assert 1 <= asked <= TAKE
    assert asked == 1 or asked * size <= min(room, PIECE_BYTES)


class Fetching(_Thread):
    """What aiokafka holds of some partitions; one of them may have a fault."""

    def __init__(self, held: dict[str, list[Consumed]], faulty: str = "") -> None:
        self.held = held
        self.faulty = faulty
        self.waited: list[float] = []

    async def _fetch_records(
        self,
        consumer: Any,
        partitions: set[str],
        *,
        timeout: float,  # noqa: ASYNC109
        max_records: int,
    ) -> dict[str, list[Consumed]]:
        assert max_records >= 1
        if timeout:
            self.waited.append(timeout)
        if self.faulty in partitions:
            raise RuntimeError("out of range")
        taken = {tp: self.held[tp][:max_records] for tp in sorted(partitions) if self.held.get(tp)}
        for tp, records in taken.items():
            self.held[tp] = self.held[tp][len(records) :]
        return taken

    async def take(self, *portions: Portion[str]) -> dict[str, int]:
        """How many records of each partition a read brings."""
        return {tp: len(records) for tp, records in (await self._read(None, portions, 1.0)).items()}


def some(many: int, size: int = 1024) -> list[Consumed]:
    return [message(offset, size) for offset in range(many)]


@pytest.mark.asyncio
async def test_a_read_brings_what_there_is_room_for_of_each_topic_and_leaves_the_rest_where_it_is() -> None:
    fetching = Fetching({"events-0": some(100), "events-1": some(100), "notices-0": some(3)})
    events = Portion(("events-0", "events-1", "events-2"), room=150 * 1024, size=1024)
    assert await fetching.take(events, Portion(("notices-0",), 10 * 1024, 1024)) == {
        "events-0": 100,
        "events-1": 50,
        "notices-0": 3,
    }
    assert await fetching.take(events) == {"events-1": 50}
    assert not fetching.waited, "something had come already"
    assert await fetching.take(events) == {}
    assert fetching.waited == [1.0]


@pytest.mark.asyncio
async def test_what_was_taken_before_a_fault_is_not_lost_and_the_fault_is_told_after_it() -> None:
    fetching = Fetching({"events-0": some(5)}, faulty="events-1")
    portion = Portion(("events-0", "events-1"), room=HELD, size=1024)
    assert await fetching.take(portion) == {"events-0": 5}
    with pytest.raises(RuntimeError, match="out of range"):
        await fetching.take(portion)


@given(st.lists(st.integers(1, TAKE), max_size=12))
def test_pieces_that_are_done_at_once_are_whole_and_as_many_as_fit(sizes: list[int]) -> None:
    taken = [[message(number * TAKE + n) for n in range(size)] for number, size in enumerate(sizes)]
    groups = list(joined(taken))
    assert [piece for some in groups for piece in some] == taken
    counts = [sum(map(len, some)) for some in groups]
    assert all(0 < count <= TAKE for count in counts)
    for count, following in zip(counts, groups[1:], strict=False):
        assert count + len(following[0]) > TAKE
