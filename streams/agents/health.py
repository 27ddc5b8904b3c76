"""source-health → Redis: the last poll of each source and those before it, for the board and for people on call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from events.consumed import Consumed
from events.messages import SourceHealth
from events.view import layout
from events.view.polls import remember
from events.wire import decode, encode
from streams.sinks import Sinks, hset, surely

STAGE = "health"


class Health:
    """The body of the agent ``health``."""

    def __init__(self, sinks: Sinks) -> None:
        self._sinks = sinks

    async def take(self, messages: Sequence[Consumed]) -> None:
        """Keep the last message of each source; one key is one partition, so they come in order."""
        read = await self._sinks.readable(STAGE, messages, partial(decode, SourceHealth))
        last: dict[layout.Scalar, layout.Scalar] = {health.source_id: encode(health) for _, health in read}
        if last:
            await surely(lambda: hset(self._sinks.redis, layout.HEALTH, last), STAGE)
            await surely(lambda: remember(self._sinks.redis, [health for _, health in read]), STAGE)
        await self._sinks.done(messages)
