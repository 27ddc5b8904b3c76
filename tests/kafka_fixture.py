"""The session's Kafka-protocol broker: a Tansu child process with medpulse's topics. A pytest plugin module."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from events.kafka import create_topics
from medpulse.embedded.servers import tansu


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of a broker of this test session's own; its topics exist.

    Messages of one test are seen by the next: use a group id of the test's own, and expect other people's messages.
    """
    with asyncio.Runner() as runner:
        broker = tansu(tmp_path_factory.mktemp("tansu") / "tansu.log")
        _, address = runner.run(broker.__aenter__())
        try:
            runner.run(create_topics(address))
            yield address
        finally:
            runner.run(broker.__aexit__(None, None, None))
