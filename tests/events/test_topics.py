"""The table of topics hangs together."""

from __future__ import annotations

import re

import pytest

from events.asyncapi import carried
from events.schema import MESSAGES
from events.topics import BATCH_BYTES, MAX_MESSAGE_BYTES, TOPICS, Topic
from events.view.layout import FLOW


def test_names_are_unique_and_legal() -> None:
    names = [topic.name for topic in TOPICS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"medpulse\.[a-z]+([.-][a-z]+)*", name) for name in names)
    # Kafka's own metrics write a dot and an underscore alike, so names that differ only there would clash.
    assert not any("_" in name for name in names)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_keeps_messages_by_time_or_by_key(topic: Topic) -> None:
    assert (topic.retention_ms is None) is (topic.cleanup == "compact")
    assert ("retention.ms" in topic.configs) is (topic.cleanup == "delete")
    assert topic.partitions >= 1
    assert topic.meaning


def test_every_message_but_a_bare_notice_has_a_topic() -> None:
    assert {m.__name__ for topic in TOPICS for m in carried(topic)} == MESSAGES.keys() - {"Notice"}


def test_inner_topics_carry_envelopes_and_public_ones_single_messages() -> None:
    assert all((topic.model == "NoticeBatch") is not topic.public for topic in TOPICS)


def test_an_envelope_fits_many_times_into_the_largest_message() -> None:
    assert BATCH_BYTES * 4 <= MAX_MESSAGE_BYTES


def test_the_flow_is_made_of_topics() -> None:
    assert {topic for _, topic in FLOW} <= {topic.name for topic in TOPICS}
