"""``medpulse extract``: the text of a file, as the scrapers read the files that notices link to, or the figures in it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import print_json, print_rows
from scrapers.files.extract import FileText, UnreadableFile
from scrapers.files.process import text_of
from streams.enrich.filings.document import Found, Result, read
from streams.enrich.filings.reading import Reading


def extract(
    file: Annotated[Path, typer.Argument(help="A PDF, Word or Excel file.")],
    facts: Annotated[
        bool, typer.Option("--facts", help="The financial figures that it states, in place of its text.")
    ] = False,
    title: Annotated[
        str, typer.Option(help="The title of the filing, which tells its period (某某公司：2021年年度报告).")
    ] = "",
    as_json: Json = False,
) -> None:
    """The text of a file page by page (a workbook: sheet by sheet), read in a process with bounded time and memory.

    With --facts the figures of an annual, interim or results report or a prospectus, each with its page and sentence; amounts are
    in minor units (fen, cents), shares in basis points. Figures that contradict one another, and those that were not found, are
    listed with the reason.

    Example: medpulse extract report.pdf --facts --title "某某公司：2021年年度报告" --json
    """  # noqa: E501
    try:
        found = asyncio.run(text_of(file.read_bytes()))
    except UnreadableFile as error:
        raise Failure(f"{file} was not read: {error}") from error
    if facts:
        _show_facts(title or file.stem, found, as_json)
    elif as_json:
        print_json(found.model_dump(mode="json"))
    else:
        rows = [{"page": page.number, "text": page.text} for page in found.pages]
        print_rows(rows, as_json=False, empty="it holds no text")


def _show_facts(title: str, text: FileText, as_json: bool) -> None:
    told = facts_as_json(read(title, [text.pages]))
    if as_json:
        print_json(told)
        return
    shown = ("figure", "value", "unit", "page", "quote")
    rows = [
        {"period": f"{found['start']}..{found['end']}"} | {name: row[name] for name in shown} | {"stands": stands}
        for found in told["periods"]
        for stands, some in (("yes", found["figures"]), ("contradicted", found["disagreeing"]))
        for row in some
    ]
    print_rows(rows, as_json=False, empty="no figure was found")
    if told["not_found"]:
        print_rows(told["not_found"], as_json=False, title="Not found")


def facts_as_json(result: Result) -> dict[str, Any]:
    """A result as ``medpulse extract --facts --json`` prints it."""
    own = result.own and {"start": result.own[0].isoformat(), "end": result.own[1].isoformat()}
    gaps = [{"figure": figure, "reason": reason} for figure, reason in result.not_found.items()]
    return {"period": own, "periods": [_found(found) for found in result.periods], "not_found": gaps}


def _found(found: Found) -> dict[str, Any]:
    start, end = found.period
    against = [_reading(one) for readings in found.disagreeing.values() for one in readings]
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "figures": [_reading(one) for one in found.standing.values()],
        "disagreeing": against,
    }


def _reading(one: Reading) -> dict[str, Any]:
    unit = "basis points" if one.currency is None else f"minor units of {one.currency}"
    told = {"figure": one.figure, "value": one.value, "unit": unit, "currency": one.currency, "slack": one.slack}
    return told | {"page": one.page, "rule": one.rule, "quote": one.quote}


COMMANDS = (extract,)
