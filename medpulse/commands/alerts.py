"""``medpulse alerts``: what was raised and who was told; acknowledge, silence, and ask why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from alerts.durations import seconds
from events.clock import SHANGHAI, SystemClock
from events.matching import in_words
from events.messages import Alert, Delivery, Matchers, Silence, Step
from events.view.desk import Desk, NotThere, state
from medpulse.backends import store
from medpulse.commands import alert_files
from medpulse.commands.metrics import Json
from medpulse.errors import Failure, one_line
from medpulse.output import console, print_json, print_rows
from medpulse.person import me
from medpulse.settings import settings

app = typer.Typer(no_args_is_help=True, help="Alerts: what was raised, who was told, and why.")
for command in alert_files.COMMANDS:
    app.command(command.name, epilog=command.example)(command.run)
Ident = Annotated[str, typer.Argument(metavar="ID", help="The id of an alert, or how it begins or ends.")]
Author = Annotated[str, typer.Option("--author", "-a", help="Who you are.", show_default="your log-in")]
_CLOCK = SystemClock()


@app.command("list", epilog="Example: medpulse alerts list --standing --json")
def list_alerts(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 30,
    standing: Annotated[bool, typer.Option("--standing", help="Only conditions that hold now.")] = False,
    as_json: Json = False,
) -> None:
    """The latest alerts, newest first."""

    async def look(desk: Desk) -> list[Alert]:
        return await desk.alerts(limit, standing=standing)

    found = asyncio.run(_at_desk(look))
    if as_json:
        print_json([alert.model_dump(mode="json") for alert in found])
    else:
        print_rows([_row(alert) for alert in found], as_json=False, empty="no alerts yet")


@app.command("show", epilog="Example: medpulse alerts show new-class3-ai:device_approval:国械注准20223210001")
def show(ident: Ident, as_json: Json = False) -> None:
    """One alert, whole: its words, tags and sources, who was told of it, and who looks after it."""

    async def look(desk: Desk) -> dict[str, Any]:
        alert = await desk.alert(ident)
        ack, now = await desk.acked(alert.alert_id), _CLOCK.now()
        return {
            **alert.model_dump(mode="json"),
            "deliveries": [one.model_dump(mode="json") for one in await desk.deliveries(alert.alert_id)],
            "ack": ack.model_dump(mode="json") if ack else None,
            "silences": [one.model_dump(mode="json") for one in await desk.silenced_by(alert, now)],
        }

    found = asyncio.run(_at_desk(look))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if value not in (None, "", [], {}):
            console.print(f"{name:12} {one_line(_plain(value))}", markup=False, highlight=False, soft_wrap=True)


@app.command("why", epilog="Example: medpulse alerts why 国械注准20223210001")
def why(ident: Ident, as_json: Json = False) -> None:
    """The whole path of one alert: raised by what, routed where, kept back why, sent when, and what was answered."""

    async def look(desk: Desk) -> tuple[Alert, list[Step], list[Delivery]]:
        alert = await desk.alert(ident)
        return alert, await desk.path(alert.alert_id), await desk.deliveries(alert.alert_id)

    alert, steps, deliveries = asyncio.run(_at_desk(look))
    if as_json:
        said = {"steps": steps, "deliveries": deliveries}
        lists = {name: [one.model_dump(mode="json") for one in found] for name, found in said.items()}
        print_json({"alert": alert.model_dump(mode="json"), **lists})
        return
    rows = [
        {"at": _local(s.at), "stage": s.stage, "receiver": s.receiver, "what": one_line(s.said, 300)} for s in steps
    ]
    title = f"{alert.alert_id}: {one_line(alert.title, 200)}"
    print_rows(
        rows, as_json=False, title=title, empty="nothing is known of its path: it was raised by an older version"
    )


@app.command("ack", epilog='Example: medpulse alerts ack source-failing:nmpa --comment "on it"')
def ack(
    ident: Ident,
    comment: Annotated[str, typer.Option("--comment", "-c", help="For whoever asks.")] = "",
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Say that you look after an alert: it is not repeated. That it ends, or gets worse, is still told."""

    async def do(desk: Desk) -> dict[str, Any]:
        return (await desk.ack(ident, author or me(), comment, _CLOCK.now())).model_dump(mode="json")

    print_rows([asyncio.run(_at_desk(do))], as_json=as_json)


@app.command(
    "silence",
    epilog='Example: medpulse alerts silence rule=source-failing source="nmpa*" --for 2h --comment "they move house"',
)
def silence(
    match: Annotated[
        list[str], typer.Argument(metavar="NAME=GLOB...", help="What: rule=, severity=, source=, entity= …")
    ],
    length: Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 7d.")],
    comment: Annotated[str, typer.Option("--comment", "-c", help="Why: whoever wonders reads it.")],
    start: Annotated[datetime | None, typer.Option(help="When it begins, in Shanghai; now if not given.")] = None,
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Tell nobody of what matches, for a while. Every name must match; `a|b` is either. The next message says when it ended."""
    wanted = _matchers(match)
    try:
        lasts = timedelta(seconds=float(str(seconds(length))))
    except ValueError as error:
        raise Failure(f"--for: {error}") from error
    begin = start.replace(tzinfo=SHANGHAI) if start else _CLOCK.now()

    async def do(desk: Desk) -> Silence:
        try:
            return await desk.silence(wanted, author or me(), comment, _CLOCK.now(), begin + lasts, begin)
        except ValueError as error:
            raise Failure(f"{error}: see --for and --start") from error

    _show_silences([asyncio.run(_at_desk(do))], as_json)


@app.command("silences", epilog="Example: medpulse alerts silences --all --json")
def silences(
    everything: Annotated[bool, typer.Option("--all", help="Also those that ended.")] = False, as_json: Json = False
) -> None:
    """The silences that hold or are to come."""

    async def look(desk: Desk) -> list[Silence]:
        return await desk.silences()

    now = _CLOCK.now()
    found = asyncio.run(_at_desk(look))
    _show_silences([one for one in found if everything or one.state(now) != "expired"], as_json)


@app.command("unsilence", epilog="Example: medpulse alerts unsilence 3f2a")
def unsilence(
    ident: Annotated[str, typer.Argument(metavar="ID", help="The id of a silence, or how it begins.")],
    author: Author = "",
    as_json: Json = False,
) -> None:
    """End a silence now. The next message about what it held back says so."""

    async def do(desk: Desk) -> Silence:
        return await desk.unsilence(ident, author or me(), _CLOCK.now())

    _show_silences([asyncio.run(_at_desk(do))], as_json)


async def _at_desk(do: Any) -> Any:
    async with desk() as found:
        try:
            return await do(found)
        except NotThere as error:
            raise Failure(str(error)) from error


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """The desk of the instance that runs, or of the Redis that is set."""
    async with store(settings()) as redis:
        yield Desk(redis)


def _matchers(words: Sequence[str]) -> Matchers:
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        name, equals, globs = word.partition("=")
        values = tuple(filter(None, globs.split("|")))
        if not (name and equals and values):
            raise Failure(
                f"{word!r} is no matcher: write NAME=GLOB, such as rule=source-failing or severity=info|notice"
            )
        found[name] = values
    return found


def _show_silences(found: Sequence[Silence], as_json: bool) -> None:
    now = _CLOCK.now()
    if as_json:
        print_json([{**one.model_dump(mode="json"), "state": one.state(now)} for one in found])
        return
    rows = [
        {
            "id": one.silence_id,
            "state": one.state(now),
            "what": in_words(one.match),
            "from": _local(one.starts_at),
            "until": _local(one.ends_at),
            "author": one.author,
            "comment": one_line(one.comment, 120),
        }
        for one in found
    ]
    print_rows(rows, as_json=False, empty="no silences")


def _row(alert: Alert) -> dict[str, object]:
    return {
        "raised": _local(alert.raised_at),
        "severity": alert.severity.value,
        "state": state(alert),
        "title": one_line(alert.title, 120),
        "id": alert.alert_id,
    }


def _local(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _plain(value: object) -> str:
    match value:
        case dict():
            return "; ".join(f"{name}: {_plain(one)}" for name, one in value.items() if one not in (None, "", [], {}))
        case list():
            return ", ".join(_plain(one) for one in value)
        case _:
            return str(value)
