"""Pieces of a partition: how far may be committed, whatever was done in whatever order and however often it was handed out."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from events.consumed import Consumed
from streams.transport import BEHIND, HELD, PASSES, PIECE_BYTES, TAKE, Handed, Turns, pieces


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
    handed.out(first, one)
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


def test_what_is_done_is_no_longer_in_hand() -> None:
    handed = Handed()
    first, _ = hand(handed, 0, 9), hand(handed, 10, 19)
    assert handed.in_hand() == 2
    first.acked = True
    assert handed.in_hand() == 1


def test_what_is_nearest_to_its_end_is_read_first() -> None:
    assert Turns(PATH).not_now({}) == set()
    assert Turns(PATH).not_now({"events": BEHIND - 1, "notices": BEHIND}) == set()
    assert Turns(PATH).not_now({"events": BEHIND}) == {"notices", "notices-unique"}
    assert Turns(PATH).not_now({"notices-unique": BEHIND}) == {"notices"}
    assert Turns(PATH).not_now({"notices-unique": HELD, "source-health": HELD}) == {
        "notices",
        "notices-unique",
        "source-health",
    }


def test_nothing_is_passed_over_for_ever_and_what_is_full_waits_nonetheless() -> None:
    turns, busy = Turns(PATH), {"events": BEHIND, "notices": HELD}
    for _ in range(3):
        assert all(turns.not_now(busy) == {"notices", "notices-unique"} for _ in range(PASSES))
        assert turns.not_now(busy) == {"notices"}
