"""``medpulse import``: rounds of financing and overseas clearances that a person wrote into a table."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from events.clock import SystemClock, shanghai_day
from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import console, errors, print_json, print_rows
from medpulse.settings import settings
from scrapers.manual.reading import Import, read_table
from scrapers.manual.table import NoTable

if TYPE_CHECKING:
    from medpulse.importing import Imported

_SHOWN = 20


class Kind(StrEnum):
    """What the rows of a table are."""

    ROUNDS = "rounds"
    CLEARANCES = "clearances"


def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file; its first line names the columns (docs/import.md).")],
    kind: Annotated[Kind | None, typer.Option(help="What its rows are; told by its columns if left out.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Publish nothing; say what would be.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing unless every row is good.")] = False,
    as_json: Json = False,
) -> None:
    """Publish rounds of financing, or CE, PMDA and FDA clearances, from a table.

    A row with an error is left out and reported with its line, column, cause and remedy; the others are published. A row that
    was imported before and says the same is dropped, one that says something else is the next revision. Exit code 1 if a row
    was left out.

    Example: medpulse import rounds.csv --dry-run
    """
    table = _read(file, kind.value if kind else None)
    held = strict and table.bad_rows > 0
    done = None if dry_run or held else _publish(table)
    if as_json:
        _json(table, done, dry_run=dry_run)
    else:
        _show(table, done, held=held)
    if table.bad_rows:
        raise typer.Exit(1)


def _read(file: Path, kind: str | None) -> Import:
    try:
        return read_table(file.read_bytes(), SystemClock().now(), kind)
    except NoTable as error:
        raise Failure(f"{file}: {error}") from error


def _publish(table: Import) -> Imported:
    from medpulse.importing import publish  # noqa: PLC0415 (brings every room: a dry run does without)

    return asyncio.run(publish(settings(), table))


def _json(table: Import, done: Imported | None, *, dry_run: bool) -> None:
    said: dict[str, object] = {"kind": table.kind, "source": table.source_id, "rows": table.rows}
    said |= {"good": len(table.notices), "left_out": table.bad_rows, "published": asdict(done) if done else None}
    said |= {"issues": [asdict(issue) for issue in table.issues]}
    notices = [notice.model_dump(mode="json") for notice in table.notices]
    print_json(said | ({"notices": notices} if dry_run else {}))


def _show(table: Import, done: Imported | None, *, held: bool) -> None:
    for issue in table.issues:
        where = f"line {issue.line}" + (f", {issue.column}" if issue.column else "")
        value = f" {issue.value!r}" if issue.value else ""
        errors.print(
            f"{issue.severity}: {where}{value}: {issue.cause}; {issue.remedy}",
            style="yellow" if issue.severity == "warning" else "red",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if done is None:
        shown = [
            {
                "day": str(shanghai_day(n.published_at)) if n.published_at else n.fields.get("stated_date"),
                "title": n.title,
            }
            for n in table.notices[:_SHOWN]
        ]
        print_rows(shown, as_json=False, empty="no row is good")
        if len(table.notices) > _SHOWN:
            console.print(f"and {len(table.notices) - _SHOWN} more", highlight=False)
    good = f"{len(table.notices)} of {table.rows} {table.kind} are good"
    if done:
        counts = f"{done.new} new, {done.changed} changed, {done.same} as they were"
        console.print(f"{good}: {counts}", highlight=False)
    else:
        why = "not one was published, as --strict asks" if held else "nothing was published"
        console.print(f"{good}; {why}", highlight=False)


COMMANDS = (import_file,)
