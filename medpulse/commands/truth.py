"""``medpulse verify`` and ``medpulse rebuild``: the view held against Kafka, and made again from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from events.clock import SystemClock, shanghai_day
from events.view.catalog import CATALOG
from events.view.series import WINDOWS
from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.house import House, at_home, drained
from medpulse.output import console, errors, print_json, print_rows
from medpulse.verify.once import Once

if TYPE_CHECKING:
    from medpulse.verify.compare import Difference, Told
    from streams.rebuild.view import Built

SETTLE_SECONDS = 60.0


def verify(
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day in Shanghai; today by default.")
    ] = None,
    window: Annotated[list[str] | None, typer.Option(help="A window, or several; all of them by default.")] = None,
    as_json: Json = False,
) -> None:
    """Work out every metric from the topic of events in a plain, separate way, and compare. Exit code 1 for any difference.

    Example: medpulse verify --window cumulative --json
    """
    unknown = set(window or ()) - set(WINDOWS)
    if unknown:
        raise Failure(f"no window is called {', '.join(sorted(unknown))}; there are {', '.join(WINDOWS)}")
    day = as_of.date() if as_of else shanghai_day(SystemClock().now())
    told, found = asyncio.run(_verify(day, window or list(WINDOWS)))
    rows = [_row(one) for one in found]
    if as_json:
        print_json({"events": len(told.events), "messages": told.messages, "differences": rows})
    else:
        print_rows(
            rows, as_json=False, empty=f"no difference: {len(told.events)} events, {told.messages} messages read"
        )
    if found:
        raise typer.Exit(1)


def rebuild(
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew, instead of going on with one cut short.")
    ] = False,
    check: Annotated[bool, typer.Option(help="Verify the new view, and switch only if it is right.")] = True,
    as_json: Json = False,
) -> None:
    """Make the whole view again from Kafka, beside the live one, and put it in its place. Reads go on meanwhile.

    Cut short, the next call goes on where it was. Example: medpulse rebuild
    """
    built, wrong = asyncio.run(_rebuild(restart, check))
    said = {"view": built.view, "events": built.events, "unreadable": built.unreadable, "resumed": built.resumed}
    if wrong:
        print_rows([_row(one) for one in wrong], as_json=as_json)
        raise Failure(
            f"{built.view} is wrong in {len(wrong)} values and was not switched to: this is a fault of medpulse; "
            "please report it (`medpulse rebuild --restart` begins anew)"
        )
    if as_json:
        print_json(said)
    else:
        console.print(f"{built.view} is live: {built.events} events applied, {built.unreadable} messages unreadable")


async def _verify(day: date, windows: list[str]) -> tuple[Told, list[Difference]]:
    async with at_home() as home:
        await _settled(home)
        return await _held(home, Once(home.redis), day, windows)


async def _rebuild(restart: bool, check: bool) -> tuple[Built, list[Difference]]:
    from streams.rebuild import view as views  # noqa: PLC0415 (said in `_held`)

    async with at_home() as home:
        if restart:
            await views.abandon(home.redis)
        with _bar("applying events") as (total, done):
            built = await views.build(home.backends.kafka, home.redis, views.Progress(total, done))
        if check:
            await _settled(home)
            day = shanghai_day(home.clock.now())
            _, wrong = await _held(home, Once(home.redis, built.view), day, ["cumulative", "365d"])
            if wrong:
                return built, wrong
        await views.switch(home.redis, built)
        return built, []


async def _held(home: House, view: Once, day: date, windows: list[str]) -> tuple[Told, list[Difference]]:
    """Hold a view against the topic. What that brings is imported only here: other commands do without."""
    from medpulse.verify.compare import differences, read_events  # noqa: PLC0415

    with _bar("reading events") as (total, done):
        told = await read_events(home.backends.kafka, total, done)
    with _bar("comparing metrics") as (total, done):
        total(len(CATALOG))
        return told, await differences(view, told.events, day, windows, done)


async def _settled(home: House) -> None:
    """Wait until the agents have processed what was published: lag is no difference. Raises `Failure`."""
    await drained(home, asyncio.Event(), SETTLE_SECONDS, streams_only=True)


@contextmanager
def _bar(what: str) -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """A progress bar on a terminal: what sets its total, and what moves it on."""
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield (lambda n: progress.update(task, total=n)), (lambda n: progress.advance(task, n))


def _row(one: Difference) -> dict[str, object]:
    def shown(value: object) -> str | None:
        return None if value is None else str(value)

    return {
        "metric": one.metric,
        "by": one.dim,
        "value": one.value,
        "window": one.window,
        "view": shown(one.view),
        "events": shown(one.events),
    }


COMMANDS = (verify, rebuild)
