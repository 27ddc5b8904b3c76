"""source-health → Redis: the last poll of each source and those before it, for the board and for people on call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from events.consumed import Consumed
from events.messages import SourceHealth
from events.view import layout
from events.view.polls import remember
from events.wire import decode, encode
from streams.agents.body import Body
from streams.sinks import hset, surely

STAGE = "health"


class Health(Body[list[SourceHealth]]):
    """The body of the agent ``health``."""

    async def read(self, messages: Sequence[Consumed]) -> list[SourceHealth]:
        """What was reported of each poll."""
        return [one for _, one in await self._sinks.readable(STAGE, messages, partial(decode, SourceHealth))]

    async def do(self, read: list[SourceHealth]) -> None:
        """Keep the last message of each source; one key is one partition, so they come in order."""
        last: dict[layout.Scalar, layout.Scalar] = {health.source_id: encode(health) for health in read}
        if last:
            await surely(lambda: hset(self._sinks.redis, layout.HEALTH, last), STAGE)
            await surely(lambda: remember(self._sinks.redis, read), STAGE)
