"""Is a server away, for now? What its clients raise then, in one place."""

from __future__ import annotations

from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

_CLOSED = "the handler is closed"
"""uvloop's RuntimeError where a client writes to a connection that was reset a moment ago; asyncio raises an OSError."""


def is_away(error: BaseException) -> bool:
    """Whether to wait and try again, rather than give up."""
    return isinstance(error, RedisError | KafkaError | OSError) or (
        isinstance(error, RuntimeError) and _CLOSED in str(error)
    )
