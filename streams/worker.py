"""A worker process: the Faust app under its own loop."""

from __future__ import annotations

import asyncio
import gc
import sys

import uvloop
from faust.worker import Worker

from streams.app import StreamConfig, make_app
from streams.enrich.events import events_of
from streams.enrich.memo import remember
from streams.enrich.register import register
from streams.enrich.taxonomy import taxonomy

COLLECT = (200_000, 20, 20)
"""From so many new objects on the collector looks for cycles: with Python's 700, a tenth of the worker's time."""


def run_worker(config: StreamConfig) -> None:
    """Run a worker until SIGTERM or SIGINT, which drain what is in hand; blocks, then ends the process."""
    ready()
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    app = make_app(config, events_of)
    worker = Worker(
        app, loop=loop, loglevel="WARN", redirect_stdouts=False, override_logging=False, quiet=True, stdout=sys.stderr
    )
    worker.execute_from_commandline()


def ready() -> None:
    """What a worker's process does before its first notice, which would wait for the rules.

    What was imported stays: the collector need not look at it. And messages are many short-lived objects without cycles.
    """
    remember()
    taxonomy()
    register()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
