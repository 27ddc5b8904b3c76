"""``medpulse merges`` and ``medpulse enrich``: which notices were taken for copies, and everything read anew."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from medpulse.backends import store
from medpulse.commands.metrics import Json
from medpulse.errors import Failure, one_line
from medpulse.output import console, print_json, print_rows
from medpulse.settings import settings
from streams.copies.card import likeness
from streams.copies.memory import Merge, all_merges, cards_of

app = typer.Typer(no_args_is_help=True, help="Notices that were taken for copies of another: see, explain, undo.")
Ident = Annotated[str, typer.Argument(metavar="NOTICE", help="The id of the copy: see `medpulse merges list`.")]


@app.command("list", epilog="Example: medpulse merges list --json")
def list_merges(
    everything: Annotated[bool, typer.Option("--all", help="Also what was undone.")] = False, as_json: Json = False
) -> None:
    """Copies and their originals, the latest first."""
    found = [one for one in asyncio.run(_all()) if everything or one.holds]
    if as_json:
        print_json([one.model_dump(mode="json") for one in found])
        return
    rows = [
        {"notice": m.notice_id, "is_a_copy_of": m.into, "by": m.rule, "title": one_line(m.title, 60)} for m in found
    ]
    print_rows(rows, as_json=False, empty="no notice was taken for a copy")


@app.command("explain", epilog="Example: medpulse merges explain ybj-jiangsu:/art/2022/9/1/art_1.html")
def explain(ident: Ident, as_json: Json = False) -> None:
    """Why a notice was taken for a copy: the rule, what agreed, both titles and addresses, and whether it still holds."""
    merge, said = asyncio.run(_explained(ident))
    whole = merge.model_dump(mode="json") | said
    if as_json:
        print_json(whole)
        return
    for name, value in whole.items():
        if value is not None:
            console.print(f"{name:12} {one_line(str(value))}", markup=False, highlight=False, soft_wrap=True)


@app.command("undo", epilog="Example: medpulse merges undo ybj-jiangsu:/art/2022/9/1/art_1.html")
def undo(
    ident: Ident, by: Annotated[str, typer.Option(help="Who undoes it; the name of the user by default.")] = ""
) -> None:
    """Take a merge back: the copy tells its own events again, and the two are never joined again."""
    from medpulse.rereading import undo as run  # noqa: PLC0415 (brings every room)

    merge, changed = asyncio.run(run(settings(), ident, by or getpass.getuser()))
    told = f"{changed} events changed" if changed else "no event changed (if it should tell one: `medpulse dlq list`)"
    console.print(f"{merge.notice_id} speaks for itself again: {told}", markup=False, highlight=False, soft_wrap=True)


def enrich(
    rerun: Annotated[bool, typer.Option("--rerun", help="Read every notice of notices.unique anew.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew, instead of going on with one cut short.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read all notices anew by today's taxonomy, register and rules; the metrics follow, and nothing is counted twice.

    What reads as before is left alone; a fact that is no longer said is retracted. Cut short, the next call goes on where it
    was. Workers read new notices by the files that they started with: start them anew first.

    Example: medpulse enrich --rerun
    """
    from medpulse.rereading import read_again  # noqa: PLC0415 (brings every room)

    if not rerun:
        raise Failure("say what to do: medpulse enrich --rerun")
    done = asyncio.run(read_again(settings(), restart=restart))
    if as_json:
        print_json(done)
        return
    print_rows([done], as_json=False)
    if not done["notices"]:
        console.print(
            "notices.unique is empty: the embedded broker keeps it only while it runs; `medpulse reparse` reads the archive"
        )


async def _all() -> list[Merge]:
    async with store(settings()) as redis:
        return await all_merges(redis)


async def _explained(ident: str) -> tuple[Merge, dict[str, object]]:
    async with store(settings()) as redis:
        found = [one for one in await all_merges(redis) if one.notice_id == ident]
        if not found:
            raise Failure(f"{ident} was not merged into another notice: see `medpulse merges list`")
        (merge,) = found
        cards = await cards_of(redis, [merge.notice_id, merge.into])
    now = likeness(cards[merge.notice_id], cards[merge.into]) if len(cards) == 2 else None
    return merge, {
        "holds": merge.holds,
        "today": f"{now.rule}: {now.why}" if now else "they would not be joined directly",
    }


COMMANDS = (enrich,)
