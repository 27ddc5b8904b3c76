"""What is waited for, and what is a fault."""

from __future__ import annotations

import pytest
from aiokafka.errors import KafkaTimeoutError
from redis.exceptions import BusyLoadingError, OutOfMemoryError

from events.away import is_away
from events.kafka import BrokerAway


@pytest.mark.parametrize(
    "error",
    [
        BusyLoadingError("loading"),
        OutOfMemoryError("OOM command not allowed"),
        KafkaTimeoutError("no answer"),
        BrokerAway("nobody"),
        ConnectionResetError("reset"),
        TimeoutError("slow"),
        # as uvloop says it, found by `make chaos`: an agent that lets it out loses what it has in hand
        RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed"),
    ],
)
def test_a_server_that_is_away_is_waited_for(error: Exception) -> None:
    assert is_away(error)


@pytest.mark.parametrize("error", [RuntimeError("Event loop is closed"), KeyError("metric"), ValueError("bad")])
def test_a_fault_is_not(error: Exception) -> None:
    assert not is_away(error)
