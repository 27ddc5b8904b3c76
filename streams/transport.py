"""Faust's way to Kafka, by the batch: what was fetched of a partition goes to its agent as few messages, each of many records.

Faust pays 70 to 100 µs a message whatever is in it (ENGINE.md), and `aggregate` reads one event a message. So what a fetch
brought is cut into pieces, and a piece travels through Faust as one message under the offset of its last record: it is taken,
acknowledged and committed whole. How far may be committed is worked out by `streams.turns.Handed`: piece by piece, in the order
in which they were handed out, never past one that is not done. Faust's own way counts single offsets and the gaps between them.

Besides, no topic holds up another: Faust hands out all that a fetch brought before it fetches again, and waits where an
agent's buffer is full, while the agents of other topics have nothing to do. Here a topic is not read while its agent has
enough (`streams.turns`).

And with a short wait in each fetch. Faust asks the broker to hold a fetch for 1.5 s while there is nothing new. Apache
Kafka answers at once when something comes; Tansu looks again only after half of that time, which was 0.7 s for each agent that
a notice passes (`bench.latency`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage

from events.consume import FETCH_WAIT_MS
from events.consumed import Consumed
from events.tracing import trace_of
from streams.turns import PIECE_BYTES, TAKE, Handed, Portion, Turns

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
        if held and (len(held) == TAKE or size + _size(message) > most):
            yield held
            held, size = [], 0
        held.append(message)
        size += _size(message)
    if held:
        yield held


class _Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust's bases are untyped here
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has no setting for it; aiokafka hands it on when the consumer starts.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer

    async def read(self, portions: Sequence[Portion[Any]], timeout: float) -> dict[Any, list[Any]]:  # noqa: ASYNC109
        """Records by partition: of each portion what has come already, or else what comes first within ``timeout`` seconds."""
        return await self.call_thread(self._read, self._ensure_consumer(), portions, timeout)  # type: ignore[no-any-return]

    async def _read(self, consumer: Any, portions: Sequence[Portion[Any]], timeout: float) -> dict[Any, list[Any]]:  # noqa: ASYNC109
        found: dict[Any, list[Any]] = {}
        try:
            for one in portions:
                await self._come(consumer, one, found)
        except Exception:
            # What was taken before counts as read; the fault comes again with the next fetch.
            if not found:
                raise
        if found:
            return found
        asked = {tp for one in portions for tp in one.partitions}
        fewest = min(one.records(one.room) for one in portions)
        return await self._fetch_records(consumer, asked, timeout=timeout, max_records=fewest)  # type: ignore[no-any-return]

    async def _come(self, consumer: Any, portion: Portion[Any], found: dict[Any, list[Any]]) -> None:
        """Put into ``found`` what has come of a portion already."""
        room = portion.room
        for tp in portion.partitions:
            if room > 0:
                records = await self._fetch_records(consumer, {tp}, timeout=0, max_records=portion.records(room))
                found.update(records)
                room -= sum(map(_size, records.get(tp, ())))


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
        lag: Counter[str] = Counter()
        for tp, handed in self._handed.items():
            in_hand[tp.topic] += handed.in_hand()
            lag[tp.topic] += self._lag(tp)
        ours = {topic: [*tps] for topic, tps in groupby(sorted(active_partitions), key=attrgetter("topic"))}
        portions = self._turns.portions(in_hand, lag, ours)
        if not portions:
            await self.sleep(LOOK_SECONDS)
            return {}
        fetched = await self._thread.read(portions, LOOK_SECONDS if len(portions) < len(ours) else timeout)
        return {tp: list(pieces([_consumed(record) for record in records])) for tp, records in fetched.items()}

    def _lag(self, tp: Any) -> int:
        """Records that the broker had beyond those that were handed out, when it was last asked."""
        read, end = self._read_offset[tp], self.highwater(tp)
        return max(0, end - read - 1) if read is not None and end is not None else 0

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
                whole = sum(map(_size, message.value))
                self._turns.saw(tp.topic, len(message.value), whole)
                self._handed.setdefault(tp, Handed()).out(message.value[0].offset, message, whole)
                self.app.handed_out(message.value)
            yield tp, message

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await super().on_partitions_revoked(revoked)  # waits for what is in hand, and commits it
        for tp in revoked:
            self._handed.pop(tp, None)
        self.app.early.forget()

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        # What was fetched before, and handed out after it was revoked, never reaches an agent.
        self._handed.clear()
        self.app.early.forget()
        await super().on_partitions_assigned(assigned, generation_id)

    def _new_offset(self, tp: Any) -> int | None:
        # Faust's own books by offset: it goes by their keys to find partitions with something to commit.
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        reached = self._handed[tp].committable() if tp in self._handed else None
        return None if reached is None else reached + 1

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Nothing: holes between pieces are no matter."""


def _size(record: Any) -> int:
    return len(record.value or b"")


def _consumed(record: Any) -> Consumed:
    return Consumed(record.topic, record.partition, record.offset, record.key, record.value, trace_of(record.headers))


class PromptTransport(driver.Transport):  # type: ignore[misc]
    """The transport of `streams.app`."""

    Consumer = _Consumer
