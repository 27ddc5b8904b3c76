"""A worker process: the Faust app under its own loop."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from faust.worker import Worker

from streams.app import StreamConfig, make_app
from streams.enrich.events import events_of
from streams.enrich.memo import remember


def run_worker(config: StreamConfig) -> None:
    """Run a worker until SIGTERM or SIGINT, which drain what is in hand; blocks, then ends the process."""
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    remember()
    app = make_app(config, events_of)
    worker = Worker(
        app, loop=loop, loglevel="WARN", redirect_stdouts=False, override_logging=False, quiet=True, stdout=sys.stderr
    )
    worker.execute_from_commandline()
