"""Is everything there, once, and right? Asked of Redis, Kafka and the receiver once the storm is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from alerts.ledger.groups import GroupStore
from bench.chaos.receiver import SlackLike
from bench.chaos.sector import AS_OF, alerted
from events.clock import SystemClock, monotonic
from events.event import EVENT, EventBase
from events.topics import TOPICS
from events.view import layout
from events.view.bodies import unpack
from events.view.reader import View
from medpulse.verify.compare import Difference, differences
from medpulse.verify.once import Once

GROUPS = (layout.STREAMS, layout.RULES, layout.DISPATCHER)
QUIET = 3
"""Looks in a row that must find nothing left."""
WINDOWS = ("cumulative", "365d")
_OURS = {"sources", "revision", "generation", "detected_at"}
"""What may differ from the expectation: a page that was published twice may have made another revision."""


class NotDrained(AssertionError):
    """Something was still unread when patience ran out; the text says what."""


@dataclass(slots=True)
class Verdict:
    """What was found. ``lost`` and ``extra`` are ids of events, ``wrong`` values of metrics, ``untold`` certificates."""

    events: int
    lost: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    wrong: list[Difference] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    duplicates: int = 0
    unmarked: int = 0
    dead_letters: int = 0

    @property
    def well(self) -> bool:
        return not (self.lost or self.extra or self.wrong or self.untold or self.unmarked or self.dead_letters)

    @property
    def line(self) -> str:
        """The last line that is printed."""
        duplicated = len(self.extra) + self.unmarked
        return f"lost {len(self.lost)} duplicated {duplicated} wrong {len(self.wrong)} alerts_lost {len(self.untold)}"


async def drained(bootstrap: str, redis: Redis, seconds: float, groups: Sequence[str] = GROUPS) -> float:
    """Return, with the seconds that it took, once the consumer groups have committed all that was written and no alert waits.

    An alert waits in its group, for more to come, before it stands in an outbox.

    Asked of the broker, not of the notes in Redis. Raises `NotDrained`.
    """
    clock, began, quiet, last = SystemClock(), monotonic(), 0, "nothing answered"
    while quiet < QUIET:
        try:
            left = await _behind(bootstrap, groups)
            if waiting := len(await GroupStore(redis).waiting()):
                left["alerts not told yet"] = waiting
        except (KafkaError, RedisError, OSError) as error:
            left, last = {"an answer": 1}, repr(error)
        quiet = 0 if left else quiet + 1
        if left:
            last = ", ".join(f"{n} of {what}" for what, n in left.items())
        if monotonic() - began > seconds:
            raise NotDrained(f"after {seconds:.0f} s there is still left: {last}")
        await clock.sleep(1.0)
    return monotonic() - began


async def _behind(bootstrap: str, groups: Sequence[str]) -> dict[str, int]:
    """Group and topic → messages that were written and not committed."""
    partitions = {topic.name: topic.partitions for topic in TOPICS}
    found: dict[str, int] = {}
    for group in groups:
        consumer: Any = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
        await consumer.start()
        try:
            read = [name for whose, name in layout.FLOW if whose == group]
            ours = [TopicPartition(name, n) for name in read for n in range(partitions[name])]
            consumer.assign(ours)
            ends = await consumer.end_offsets(ours)
            for one in ours:
                if behind := ends[one] - (await consumer.committed(one) or 0):
                    found[f"{group} on {one.topic}/{one.partition}"] = behind
        finally:
            await consumer.stop()
    return found


async def judge(redis: Redis, expected: Mapping[str, EventBase], receiver: SlackLike) -> Verdict:
    """Hold what stands against what must stand."""
    stored = await redis.hgetall(layout.events(await View(redis).name()))
    found = {layout.text(key): EVENT.validate_json(unpack(raw)) for key, raw in stored.items()}
    verdict = Verdict(len(expected))
    verdict.lost = [key for key, event in expected.items() if key not in found or _said(found[key]) != _said(event)]
    verdict.extra = [key for key in found if key not in expected]
    verdict.wrong = await differences(Once(redis), expected.values(), AS_OF, WINDOWS)
    verdict.untold = sorted(alerted(dict(expected)) - receiver.told.keys())
    verdict.duplicates, verdict.unmarked = receiver.duplicates, receiver.unmarked_duplicates
    verdict.dead_letters = sum(int(n) for n in (await redis.hvals(layout.DEAD)))
    return verdict


def _said(event: EventBase) -> dict[str, object]:
    return event.model_dump(exclude=_OURS)
