"""The session's Kafka-protocol broker: a Tansu child process with medpulse's topics. A pytest plugin module."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

import pytest

from events.kafka import create_topics
from medpulse.embedded.servers import tansu

T = TypeVar("T")


@contextmanager
def held(server: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """An asynchronous context held open from synchronous code: a fixture of the whole session belongs to no test's loop."""
    with asyncio.Runner() as runner:
        value = runner.run(_enter(server))
        try:
            yield value
        finally:
            runner.run(_leave(server))


async def _enter(server: AbstractAsyncContextManager[T]) -> T:
    return await server.__aenter__()


async def _leave(server: AbstractAsyncContextManager[T]) -> None:
    await server.__aexit__(None, None, None)


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of a broker of this test session's own; its topics exist.

    Messages of one test are seen by the next: use a group id of the test's own, and expect other people's messages.
    """
    with held(tansu(tmp_path_factory.mktemp("tansu") / "tansu.log")) as (_, address):
        asyncio.run(create_topics(address))
        yield address
