"""What commands print: a table for people or JSON for programs, from the same rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

_ENDLESS = 100_000
console = Console()
errors = Console(stderr=True)


def print_json(value: object) -> None:
    """One JSON document, indented, on standard output."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    try:
        text = orjson.dumps(value, option=options)
    except TypeError:  # a sum of money may need more than 64 bits, which JSON allows and orjson does not
        plain = json.dumps(value, indent=2, ensure_ascii=False, default=lambda one: orjson.loads(orjson.dumps(one)))
        text = f"{plain}\n".encode()
    sys.stdout.buffer.write(text)
    sys.stdout.flush()


def print_line(value: object) -> None:
    """One JSON document on one line of standard output."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def print_rows(
    rows: Sequence[Mapping[str, object]],
    *,
    as_json: bool,
    title: str = "",
    empty: str = "nothing yet",
    whole: Collection[str] = (),
) -> None:
    """Rows of equal keys as a table (columns in the order of the first row), or as a JSON array.

    On a terminal a long cell is broken over lines, but for those of the columns in ``whole``, which end in an ellipsis where
    there is no room; in a pipe or a file every row is one line, whatever its length.
    """
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        console.print(f"[dim]{empty}[/dim]")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, value in rows[0].items():
        align: Literal["right", "left"] = "right" if isinstance(value, int) else "left"
        kept = name in whole or not console.is_terminal
        table.add_column(name.replace("_", " "), justify=align, no_wrap=kept, overflow="ellipsis" if kept else "fold")
    for row in rows:
        # Text, not markup: a title may hold square brackets. A tab has no width when a column is measured.
        table.add_row(*(Text("" if value is None else str(value).replace("\t", "  ")) for value in row.values()))
    if title:
        # Not the table's own title: that is wrapped at the width of the table.
        console.print(Text(title, style="bold"), soft_wrap=True)
    if console.is_terminal:
        console.print(table)
        return
    natural = console.measure(table, options=console.options.update(max_width=_ENDLESS)).maximum
    Console(file=console.file, width=max(natural, 1)).print(table)
