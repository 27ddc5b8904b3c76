"""``medpulse extract``: the text of a file, as the scrapers read the files that notices link to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from medpulse.commands.metrics import Json
from medpulse.errors import Failure
from medpulse.output import print_json, print_rows
from scrapers.files.extract import UnreadableFile
from scrapers.files.process import text_of


def extract(file: Annotated[Path, typer.Argument(help="A PDF, Word or Excel file.")], as_json: Json = False) -> None:
    """The text of a file page by page (a workbook: sheet by sheet), read in a process with bounded time and memory.

    Example: medpulse extract report.pdf --json
    """
    try:
        found = asyncio.run(text_of(file.read_bytes()))
    except UnreadableFile as error:
        raise Failure(f"{file} was not read: {error}") from error
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    rows = [{"page": page.number, "text": page.text} for page in found.pages]
    print_rows(rows, as_json=False, empty="it holds no text")


COMMANDS = (extract,)
