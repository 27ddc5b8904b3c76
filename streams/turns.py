"""What is read next of which topic, and how much of it: enough that no agent waits, and no more.

What an agent publishes the next one reads while this process still remembers it (`streams.recent`). To decode an event again
and pack it for Redis cost an eighth of a worker in a flood (docs/performance.md). So what is nearest to its end is read first,
and of no topic is more handed out than its agent and the reading ahead of it need. What was fetched beyond that stays with
aiokafka, which knows what to do with it when partitions move.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

P = TypeVar("P", bound=Hashable)
TAKE = 500
"""Records of a piece at most."""
PIECE_BYTES = 512 * 1024
HELD = 4 * PIECE_BYTES
"""Bytes of a topic, in hand or waiting for their agent, from which on no more of it is read."""
BEHIND = 2 * PIECE_BYTES
"""Bytes of a topic, in hand or at the broker, from which on the topics before it on the path are not read."""
PASSES = 1_500
"""Fetches in a row for which a topic may be passed over for one that is behind it: half a minute."""
UNKNOWN_SIZE = 16 * 1024
"""Bytes that a record of a topic is taken for until one was seen."""


class Piece(Protocol):
    """What Faust hands about as a message: whether its agent is done with it, and the offset of its last record."""

    @property
    def acked(self) -> bool: ...

    @property
    def offset(self) -> int: ...


@dataclass
class Handed:
    """The pieces of one partition that were handed out and are not committed, in their order: first offset, piece, bytes."""

    _open: deque[tuple[int, Piece, int]] = field(default_factory=deque)

    def out(self, first: int, piece: Piece, size: int) -> None:
        """A piece of ``size`` bytes is handed out.

        What it repeats from its beginning on was lost on its way (a rebalance), and is forgotten.
        """
        while self._open and self._open[-1][0] >= first:
            self._open.pop()
        self._open.append((first, piece, size))

    def committable(self) -> int | None:
        """The last offset up to which every piece is done; None where the first is not. Forgets those that are."""
        reached = None
        while self._open and self._open[0][1].acked:
            reached = self._open.popleft()[1].offset
        return reached

    def in_hand(self) -> int:
        """Bytes that are handed out and not done."""
        return sum(size for _, piece, size in self._open if not piece.acked)


@dataclass(frozen=True, slots=True)
class Portion(Generic[P]):
    """So much of a topic may be read now: ``room`` bytes of its partitions, in this order; a record has some ``size`` bytes."""

    partitions: tuple[P, ...]
    room: int
    size: int

    def records(self, room: int) -> int:
        """How many records of one partition to ask for where ``room`` bytes are left: a piece of them at most, one at least."""
        return max(1, min(TAKE, min(room, PIECE_BYTES) // self.size))


@dataclass
class Turns:
    """Whose turn it is to be read, of the topics that a fact passes one after the other (``path``).

    While the agent of a later topic has `BEHIND` bytes to do, the topics before it are passed over: else a flood would pile up
    before the last agent. After `PASSES` fetches all are read nonetheless, for none may look stalled (`streams.watchdog`).
    The partitions of a topic take turns at being first.
    """

    path: Sequence[str]
    _passed_over: int = 0
    _fetches: int = 0
    _sizes: dict[str, int] = field(default_factory=dict)

    def portions(
        self, in_hand: Mapping[str, int], lag: Mapping[str, int], partitions: Mapping[str, Sequence[P]]
    ) -> list[Portion[P]]:
        """What to read of ``partitions``, by topic, what is nearest to its end first.

        Of each topic so many bytes are ``in_hand``, and as far as is known so many records (``lag``) wait at the broker.
        """
        self._fetches += 1
        left_out = self._not_now(in_hand, lag)
        return [
            self._portion(topic, partitions[topic], HELD - in_hand.get(topic, 0))
            for topic in sorted(partitions, key=self._place, reverse=True)
            if topic not in left_out
        ]

    def saw(self, topic: str, records: int, size: int) -> None:
        """So many records were read, of ``size`` bytes together."""
        self._sizes[topic] = max(1, size // records)

    def _portion(self, topic: str, ours: Sequence[P], room: int) -> Portion[P]:
        first = self._fetches % len(ours)
        return Portion((*ours[first:], *ours[:first]), room, self._sizes.get(topic, UNKNOWN_SIZE))

    def _not_now(self, in_hand: Mapping[str, int], lag: Mapping[str, int]) -> set[str]:
        full = {topic for topic, size in in_hand.items() if size >= HELD}
        to_do = [in_hand.get(topic, 0) + lag.get(topic, 0) * self._sizes.get(topic, 0) for topic in self.path]
        late = [place for place, size in enumerate(to_do) if size >= BEHIND]
        before = set(self.path[: late[-1]]) - full if late else set()
        self._passed_over = self._passed_over + 1 if before else 0
        if self._passed_over > PASSES:
            self._passed_over, before = 0, set()
        return full | before

    def _place(self, topic: str) -> int:
        return self.path.index(topic) if topic in self.path else len(self.path)
