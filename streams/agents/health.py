"""source-health → Redis: the last poll of each source and those before it, for the board and for people on call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from events.consumed import Consumed
from events.messages import SourceHealth
from events.view import layout
from events.view.polls import remember
from events.wire import decode, encode
from streams.body import Body
from streams.sinks import Sinks, hset, surely

STAGE = "health"
Messages = tuple[Sequence[Consumed], list[SourceHealth]]


class Health(Body[Messages]):
    """The body of the agent ``health``."""

    def __init__(self, sinks: Sinks) -> None:
        self._sinks = sinks

    async def read(self, messages: Sequence[Consumed]) -> Messages:
        """What was reported of each poll."""
        return messages, [one for _, one in await self._sinks.readable(STAGE, messages, partial(decode, SourceHealth))]

    async def do(self, read: Messages) -> None:
        """Keep the last message of each source; one key is one partition, so they come in order."""
        messages, said = read
        last: dict[layout.Scalar, layout.Scalar] = {health.source_id: encode(health) for health in said}
        if last:
            await surely(lambda: hset(self._sinks.redis, layout.HEALTH, last), STAGE)
            await surely(lambda: remember(self._sinks.redis, said), STAGE)
        await self._sinks.done(messages)
