"""``medpulse events``: what happened, newest first, or as it happens."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from alerts.rules import EVENT_TYPES
from events.clock import SHANGHAI
from events.consume import follow
from events.consumed import Consumed
from events.event import EventBase
from events.topics import EVENTS
from events.view.reader import View
from events.wire import Unreadable, decode_event
from medpulse.backends import backends, store
from medpulse.commands.metrics import Json
from medpulse.embedded.running import find_running
from medpulse.errors import Failure
from medpulse.output import console, errors, print_json, print_line, print_rows
from medpulse.settings import settings

app = typer.Typer(no_args_is_help=True, help="What happened in the sector.")


@app.command("list", epilog="Example: medpulse events list --limit 10 --json")
def list_events(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 30,
    kind: Annotated[str | None, typer.Option("--type", help="Only events of this type, e.g. device_approval.")] = None,
    as_json: Json = False,
) -> None:
    """The latest events by event time, newest first."""
    if kind is not None and kind not in EVENT_TYPES:
        raise Failure(f"no type of event is called {kind!r}; there are {', '.join(EVENT_TYPES)}")
    found = asyncio.run(_latest(limit, kind))
    if as_json:
        print_json([event.model_dump(mode="json") for event in found])
    else:
        print_rows([_row(event) for event in found], as_json=False, empty="no events yet: try `medpulse demo`")


@app.command("tail", epilog="Example: medpulse events tail --json | jq .title")
def tail(as_json: Json = False) -> None:
    """New events as they are published, until Ctrl-C. Needs a running instance (`medpulse up`) or MEDPULSE_KAFKA."""
    asyncio.run(_tail(as_json))


async def _latest(limit: int, kind: str | None) -> list[EventBase]:
    async with store(settings()) as redis:
        view = View(redis)
        if kind is None:
            return await view.events(limit)
        everything = await view.events(await view.count_events())
        return [event for event in everything if getattr(event, "type", "") == kind][:limit]


async def _tail(as_json: bool) -> None:
    own = settings()
    if own.embedded and find_running(own.home.absolute()) is None:
        raise Failure(f"nothing runs on {own.home.absolute()}: start `medpulse up` in another terminal first")
    async with backends(own) as found:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async for message in follow(found.kafka, EVENTS, stop=stop):
            _show(message, as_json)


def _show(message: Consumed, as_json: bool) -> None:
    try:
        event = decode_event(message.value)
    except Unreadable as error:
        errors.print(
            f"unreadable message at {message.topic}/{message.partition}/{message.offset}: {error}", markup=False
        )
        return
    if as_json:
        print_line(event.model_dump(mode="json"))
    else:
        said = "  ".join(str(value) for value in _row(event).values() if value)
        console.print(said, markup=False, highlight=False, soft_wrap=True)


def _row(event: EventBase) -> dict[str, object]:
    when = event.event_time
    return {
        "day": "undated" if when is None else when.astimezone(SHANGHAI).date().isoformat(),
        "type": getattr(event, "type", ""),
        "title": event.title,
        "source": event.source_id,
        "illustrative": "illustrative" if event.illustrative else "",
        "url": event.url,
    }
