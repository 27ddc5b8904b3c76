"""Where the time went: by the broker's timestamps of each certificate's messages, which are read after the run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.latency.percentile import percentile
from events.addresses import kafka_client
from events.topics import ALERTS, EVENTS, NOTICES, NOTICES_UNIQUE, Topic

STATIONS = (NOTICES, NOTICES_UNIQUE, EVENTS, ALERTS)
_NUMBER = re.compile("国械注准[0-9]+".encode())
_NAMES = ("page → notices", "→ notices-unique", "→ events", "→ alerts", "→ Slack")


async def stations(bootstrap: str) -> list[dict[str, float]]:
    """For each of `STATIONS`, when (seconds since the epoch) the first message with a certificate's number was sent."""
    return [await _first(bootstrap, topic) for topic in STATIONS]


async def _first(bootstrap: str, topic: Topic) -> dict[str, float]:
    found: dict[str, float] = {}
    consumer = AIOKafkaConsumer(**kafka_client(bootstrap), enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic.name, number) for number in range(topic.partitions)])
        empty = 0
        while empty < 3:
            batches = await consumer.getmany(timeout_ms=300)
            empty = 0 if batches else empty + 1
            for message in (one for batch in batches.values() for one in batch):
                for number in set(_NUMBER.findall(message.value or b"")):
                    at = message.timestamp / 1000
                    text = number.decode()
                    found[text] = min(found.get(text, at), at)
    finally:
        await consumer.stop()
    return found


def hops(
    numbers: Sequence[str],
    asked: Mapping[str, float],
    between: Sequence[Mapping[str, float]],
    told: Mapping[str, float],
) -> dict[str, tuple[float, float]]:
    """By hop, the median and the 99th percentile of its seconds; pure. A number that lacks a station is left out."""
    whole = [asked, *between, told]
    rows = [[one[number] for one in whole] for number in numbers if all(number in one for one in whole)]
    if not rows:
        return {}
    made = [[after - before for before, after in pairwise(row)] for row in rows]
    return {
        name: (percentile([row[at] for row in made], 50), percentile([row[at] for row in made], 99))
        for at, name in enumerate(_NAMES)
    }
