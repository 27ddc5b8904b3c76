"""``medpulse dlq``: what could not be taken: see it, try it again, or drop it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from events.clock import SHANGHAI
from medpulse.commands.metrics import Json
from medpulse.deadletters.book import Entry, Settled, one, read_book, settle
from medpulse.errors import Failure, one_line
from medpulse.house import at_home
from medpulse.output import console, print_json, print_rows

app = typer.Typer(no_args_is_help=True, help="Dead letters: what a stage could not take, whole, with the reason.")
Ids = Annotated[list[str] | None, typer.Argument(help="Ids, or how they begin: see `medpulse dlq list`.")]
Stage = Annotated[str | None, typer.Option(help="Every open letter of this stage, e.g. enrich.")]
SHOWN = 2000


@app.command("list", epilog="Example: medpulse dlq list --stage enrich --json")
def list_letters(
    stage: Annotated[str | None, typer.Option(help="Only letters of this stage, e.g. parse, enrich.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what was retried or dropped.")] = False,
    as_json: Json = False,
) -> None:
    """Open dead letters, the latest first."""
    found = [entry for entry in asyncio.run(_book()) if everything or entry.state == "open"]
    rows = [_row(entry) for entry in found if stage is None or entry.letter.stage == stage]
    print_rows(rows, as_json=as_json, empty="no open dead letters")


@app.command("show", epilog="Example: medpulse dlq show 3f2a")
def show(
    ident: Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")], as_json: Json = False
) -> None:
    """One dead letter with its reason, its error and the original message."""
    entry = one(asyncio.run(_book()), ident)
    said = entry.letter.model_dump(mode="json", exclude={"original", "key"})
    original = entry.letter.original.decode(errors="replace")
    key = (entry.letter.key or b"").decode(errors="replace")
    whole: dict[str, object] = {"id": entry.id, "state": entry.state, "times": entry.times, "key": key, **said}
    if as_json:
        print_json({**whole, "original": original})
        return
    for name, value in whole.items():
        console.print(f"{name:10} {one_line(str(value))}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"original   {one_line(original, SHOWN)}", markup=False, highlight=False, soft_wrap=True)


@app.command("retry", epilog="Example: medpulse dlq retry --stage enrich")
def retry(ids: Ids = None, stage: Stage = None, as_json: Json = False) -> None:
    """Give letters to the stage that failed, and to no other. Exit code 1 if one of them failed again."""
    rows = asyncio.run(_retry(ids or [], stage))
    print_rows(rows, as_json=as_json, empty="nothing to retry")
    if any(row["result"] != "taken" for row in rows):
        raise typer.Exit(1)


@app.command("drop", epilog='Example: medpulse dlq drop 3f2a --why "a page of 2009 without a date"')
def drop(
    ids: Ids = None,
    stage: Stage = None,
    why: Annotated[str, typer.Option(help="Why it is not needed, for whoever asks.")] = "",
    as_json: Json = False,
) -> None:
    """Close letters without trying them. They stay in the topic until its retention ends, and in `dlq list --all`."""
    rows = asyncio.run(_drop(ids or [], stage, why))
    print_rows(rows, as_json=as_json, empty="nothing to drop")


async def _book() -> list[Entry]:
    async with at_home() as home:
        return await read_book(home.backends.kafka, home.redis)


async def _retry(ids: Sequence[str], stage: str | None) -> list[dict[str, object]]:
    from medpulse.deadletters.retry import retry as again  # noqa: PLC0415 (brings every room: `list` does without)

    rows: list[dict[str, object]] = []
    async with at_home(writes=True) as home:
        for entry in _chosen(await read_book(home.backends.kafka, home.redis), ids, stage):
            try:
                failure = (await again(home, entry)).failure
            except Failure as error:
                failure = str(error)
            if failure is None:
                await settle(home.redis, entry.id, Settled(action="retried", at=home.clock.now()))
            rows.append({"id": entry.id, "stage": entry.letter.stage, "result": failure or "taken"})
    return rows


async def _drop(ids: Sequence[str], stage: str | None, why: str) -> list[dict[str, object]]:
    async with at_home() as home:
        chosen = _chosen(await read_book(home.backends.kafka, home.redis), ids, stage)
        for entry in chosen:
            await settle(home.redis, entry.id, Settled(action="dropped", at=home.clock.now(), note=why))
    return [{"id": entry.id, "stage": entry.letter.stage, "result": "dropped"} for entry in chosen]


def _chosen(found: Sequence[Entry], ids: Sequence[str], stage: str | None) -> list[Entry]:
    if bool(ids) == (stage is not None):
        raise Failure("say which letters: ids, or --stage for every open one of a stage")
    if ids:
        return [one(found, ident) for ident in ids]
    return [entry for entry in found if entry.state == "open" and entry.letter.stage == stage]


def _row(entry: Entry) -> dict[str, object]:
    letter = entry.letter
    return {
        "id": entry.id,
        "state": entry.state,
        "stage": letter.stage,
        "reason": one_line(letter.reason, 100),
        "error": one_line(letter.error, 160),
        "from": f"{letter.topic}/{letter.partition}/{letter.offset}",
        "times": entry.times,
        "last": letter.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "bytes": len(letter.original),
    }
