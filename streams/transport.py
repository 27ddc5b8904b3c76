"""Faust's way to Kafka, by the batch: what was fetched of a partition goes to its agent as few messages, each of many records.

Faust pays 70 to 100 µs a message whatever is in it (ENGINE.md), and `aggregate` reads one event a message. So what a fetch
brought is cut into pieces, and a piece travels through Faust as one message under the offset of its last record: it is taken,
acknowledged and committed whole. How far may be committed is worked out here (`Handed`): piece by piece, in the order in which
they were handed out, never past one that is not done. Faust's own way counts single offsets and the gaps between them.

Besides, no topic holds up another: Faust hands out all that a fetch brought before it fetches again, and waits where an
agent's buffer is full, while the agents of other topics have nothing to do. Here a topic is not read while its agent has
enough (`Turns`).

And with a short wait in each fetch. Faust asks the broker to hold a fetch for 1.5 s while there is nothing new. Apache
Kafka answers at once when something comes; Tansu looks again only after half of that time, which was 0.7 s for each agent that
a notice passes (`bench.latency`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage

from events.consume import FETCH_WAIT_MS
from events.consumed import Consumed
from events.tracing import trace_of

TAKE = 500
"""Records of a piece at most."""
PIECE_BYTES = 512 * 1024
HELD = 8
"""Pieces of a topic, in hand or waiting for their agent, from which on no more of it is read."""
BEHIND = 4
"""Pieces of a topic from which on the topics before it on the path are not read."""
PASSES = 64
"""Fetches in a row for which a topic may be passed over for one that is behind it."""
LOOK_SECONDS = 0.02
"""How long a fetch waits, while some topics are not read: their agents may be done before the others have something new."""


def pieces(messages: Sequence[Consumed], most: int = PIECE_BYTES) -> Iterator[list[Consumed]]:
    """The messages in their order, in pieces of at most `TAKE` and at most ``most`` bytes (or one message): a body decodes a
    whole piece at once.

    Five hundred envelopes of a flood would be a hundred thousand notices as objects.
    """
    held: list[Consumed] = []
    size = 0
    for message in messages:
        if held and (len(held) == TAKE or size + len(message.value or b"") > most):
            yield held
            held, size = [], 0
        held.append(message)
        size += len(message.value or b"")
    if held:
        yield held


class Piece(Protocol):
    """What Faust hands about as a message: whether its agent is done with it, and the offset of its last record."""

    @property
    def acked(self) -> bool: ...

    @property
    def offset(self) -> int: ...


@dataclass
class Handed:
    """The pieces of one partition that were handed out and are not committed, each with its first offset, in their order."""

    _open: deque[tuple[int, Piece]] = field(default_factory=deque)

    def out(self, first: int, piece: Piece) -> None:
        """A piece is handed out. What it repeats from its beginning on was lost on its way (a rebalance), and is forgotten."""
        while self._open and self._open[-1][0] >= first:
            self._open.pop()
        self._open.append((first, piece))

    def committable(self) -> int | None:
        """The last offset up to which every piece is done; None where the first is not. Forgets those that are."""
        reached = None
        while self._open and self._open[0][1].acked:
            reached = self._open.popleft()[1].offset
        return reached

    def in_hand(self) -> int:
        """How many pieces are handed out and not done."""
        return sum(not piece.acked for _, piece in self._open)


@dataclass
class Turns:
    """Whose turn it is to be read, of the topics that a fact passes one after the other (``path``).

    What is nearest to its end comes first: while the agent of a later topic has `BEHIND` pieces to do, the topics before it
    are passed over. So a flood is carried through in portions, each read again while the process still remembers it
    (`streams.recent`), where it would else pile up before the last agent. After `PASSES` fetches all are read nonetheless, for
    none may look stalled (`streams.watchdog`).
    """

    path: Sequence[str]
    _passed_over: int = 0

    def not_now(self, in_hand: Mapping[str, int]) -> set[str]:
        """The topics that this fetch leaves out, by the pieces that the agent of each has in hand."""
        full = {topic for topic, pieces in in_hand.items() if pieces >= HELD}
        late = [place for place, topic in enumerate(self.path) if in_hand.get(topic, 0) >= BEHIND]
        before = set(self.path[: late[-1]]) - full if late else set()
        self._passed_over = self._passed_over + 1 if before else 0
        if self._passed_over > PASSES:
            self._passed_over, before = 0, set()
        return full | before


class _Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust's bases are untyped here
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has no setting for it; aiokafka hands it on when the consumer starts.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer


class _Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's consumer, with a piece in the place of a record."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._handed: dict[Any, Handed] = {}
        super().__init__(*args, **kwargs)
        self._turns = Turns(self.app.path)

    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Mapping[Any, list[list[Consumed]]]:  # noqa: ASYNC109
        in_hand: Counter[str] = Counter()
        for tp, handed in self._handed.items():
            in_hand[tp.topic] += handed.in_hand()
        left_out = self._turns.not_now(in_hand)
        asked = {tp for tp in active_partitions if tp.topic not in left_out}
        if not asked:
            await self.sleep(LOOK_SECONDS)
            return {}
        fetched = await super()._getmany(asked, LOOK_SECONDS if left_out else timeout)
        return {tp: list(pieces([_consumed(record) for record in records])) for tp, records in fetched.items()}

    def _to_message(self, tp: Any, record: list[Consumed]) -> Any:
        last, generation = record[-1], self.app.consumer_generation_id
        return ConsumerMessage(
            last.topic,
            last.partition,
            last.offset,
            None,
            0,
            None,
            None,
            record,
            None,
            0,
            0,
            tp,
            generation_id=generation,
        )

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109  Faust names it
        async for tp, message in super().getmany(timeout):
            read = self._read_offset[tp]
            if read is None or message.offset >= read:  # else Faust drops it: it was read before
                self._handed.setdefault(tp, Handed()).out(message.value[0].offset, message)
            yield tp, message

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await super().on_partitions_revoked(revoked)  # waits for what is in hand, and commits it
        for tp in revoked:
            self._handed.pop(tp, None)

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        # What was fetched before, and handed out after it was revoked, never reaches an agent.
        self._handed.clear()
        await super().on_partitions_assigned(assigned, generation_id)

    def _new_offset(self, tp: Any) -> int | None:
        # Faust's own books by offset: it goes by their keys to find partitions with something to commit.
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        reached = self._handed[tp].committable() if tp in self._handed else None
        return None if reached is None else reached + 1

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Nothing: holes between pieces are no matter."""


def _consumed(record: Any) -> Consumed:
    return Consumed(record.topic, record.partition, record.offset, record.key, record.value, trace_of(record.headers))


class PromptTransport(driver.Transport):  # type: ignore[misc]
    """The transport of `streams.app`."""

    Consumer = _Consumer
