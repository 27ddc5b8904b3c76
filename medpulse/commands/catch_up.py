"""``medpulse reparse``, ``backfill`` and ``inbox``: what was kept, read again; the past, fetched; what a person saved, read.

The jobs bring every room with them and are imported when they run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from medpulse.commands.archive import Day, midnight
from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import console, errors, print_json, print_rows
from medpulse.settings import settings

if TYPE_CHECKING:
    from medpulse.jobs import Reparsed


def reparse(
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    since: Annotated[datetime | None, Day] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Publish nothing; say what would be.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="With --dry-run: list what is not as it is known.")] = False,
    as_json: Json = False,
) -> None:
    """Read the archive again by today's parsers and publish the latest state of every item; what is unchanged is dropped.

    Example: medpulse reparse --source cmde-guidance --since 2026-01-01 --dry-run --diff
    """
    from medpulse import jobs  # noqa: PLC0415

    if diff and not dry_run:
        raise Failure("--diff goes with --dry-run")
    done = asyncio.run(jobs.reparse(settings(), source, midnight(since), dry=dry_run))
    _show_reparse(done, diff=diff, as_json=as_json)


def backfill(
    source: Annotated[str, typer.Argument(help="A source of the catalogue.")],
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The oldest day, in the source's zone.")
    ],
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The newest day; today if left out.")
    ] = None,
    pages: Annotated[int | None, typer.Option(min=1, help="Read this many pages in this run, and no more.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew, not where the last run ended.")] = False,
    as_json: Json = False,
) -> None:
    """Page through the history of a source, politely; the same command goes on after Ctrl-C, a kill or --pages.

    Exit code 1 if a page could not be read, 130 if it was interrupted.

    Example: medpulse backfill nhsa-notices --from 2022-01-01 --to 2022-12-31
    """
    from medpulse.backfill import Asked  # noqa: PLC0415
    from medpulse.backfill import backfill as run  # noqa: PLC0415

    asked = Asked(source, first.date(), last.date() if last else None, pages, restart)
    done = asyncio.run(run(settings(), asked))
    end = done.report.end.value if done.report else "interrupted"
    detail = done.report.detail if done.report else "what was published is safe"
    here = done.cursor
    again = f"medpulse backfill {source} --from {here.first} --to {here.last}"
    said: dict[str, object] = {"source": source, "end": end, "pages": here.pages, "items": here.items}
    said |= {"published": here.published, "from": str(here.first), "to": str(here.last)}
    said |= {"back_to": str(here.oldest) if here.oldest else None, "detail": detail}
    if as_json:
        print_json(said | {"go_on": None if here.done else again})
    else:
        print_rows([said], as_json=False)
        if not here.done:
            errors.print(f"it goes on from here by: {again}", markup=False, highlight=False, soft_wrap=True)
    if end in {"stopped", "interrupted"}:
        raise typer.Exit(1 if end == "stopped" else 130)


def inbox(as_json: Json = False) -> None:
    """Read the pages that were saved into the inbox folder (MEDPULSE_INBOX), once. Exit code 1 if one was refused.

    Example: medpulse inbox --json
    """
    from medpulse.inbox import inbox_folder, look_once  # noqa: PLC0415

    found = settings()
    rows = [asdict(one) for one in asyncio.run(look_once(found))]
    print_rows(rows, as_json=as_json, empty=f"nothing to read in {inbox_folder(found)}")
    if any(row["result"] == "refused" for row in rows):
        raise typer.Exit(1)


def _show_reparse(done: Reparsed, *, diff: bool, as_json: bool) -> None:
    tally = done.tally
    if as_json:
        said = {"sources": {name: asdict(of) for name, of in tally.sources.items()}}
        rest = {"unowned": tally.unowned, "broken": tally.broken}
        print_json(said | rest | ({"differences": done.differences} if diff else {}))
        return
    rows: list[dict[str, object]] = []
    for name, of in sorted(tally.sources.items()):
        row = {**asdict(of), "passed_over": of.passed_over.total(), "failed": len(of.failed)}
        rows.append({"source": name, **row})
    print_rows(rows, as_json=False, empty="the archive holds no page that was asked for")
    if diff:
        print_rows(done.differences, as_json=False, empty="everything is as it is known")
    failed = [line for of in tally.sources.values() for line in of.failed]
    _lines({"could not be read": failed, "damaged": tally.broken, "of no source in the catalogue": tally.unowned})


def _lines(found: Mapping[str, Sequence[str]]) -> None:
    for what, lines in found.items():
        for line in lines:
            console.print(f"{what}: {line}", markup=False, highlight=False, soft_wrap=True)


COMMANDS = (reparse, backfill, inbox)
