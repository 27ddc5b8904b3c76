"""The transport of medpulse by itself: its own app over the envelopes, with a body that only reads the JSON.

Compared with (a) this is what one hop costs beyond reading: same agent, same settings, same notes of how far it came.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence

import orjson
import uvloop
from faust.worker import Worker

import streams.app
from bench.flow.cost import Meter
from events.consumed import Consumed
from events.event import EventBase
from events.notice import Notice
from streams.agents.body import Body


class Nothing(Body[int]):
    """The body of ``dedupe`` with the pure functions taken out."""

    meter: Meter

    async def read(self, messages: Sequence[Consumed]) -> int:
        """How many notices the JSON holds."""
        self.meter.first()
        return sum(len(orjson.loads(message.value or b"")["notices"]) for message in messages)

    async def do(self, read: int) -> None:
        """Nothing."""

    async def finish(self, messages: Sequence[Consumed], read: int) -> None:
        """Note how far it came, and end where that is all."""
        await super().finish(messages, read)
        if self.meter.did(read):
            os._exit(0)


def _nothing(_: Notice) -> list[EventBase]:
    return []


def main(bootstrap: str, redis: str, many: int) -> None:
    """Run the worker's app with nothing in the place of `dedupe`."""
    Nothing.meter = Meter(many)
    vars(streams.app)["Dedupe"] = Nothing
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    with tempfile.TemporaryDirectory(prefix="medpulse-flow-") as folder:
        config = streams.app.StreamConfig(bootstrap, redis, folder, app_id="flow-transport", idempotent=False)
        app = streams.app.make_app(config, _nothing)
        Worker(
            app, loop=loop, loglevel="WARN", redirect_stdouts=False, override_logging=False, quiet=True
        ).execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
