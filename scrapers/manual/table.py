"""A CSV file as rows under known names, with the line that each began on, and what is wrong with it in words."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from scrapers.text import decode, one_line

LARGEST = 32 * 1024 * 1024
_DELIMITERS = ",;\t"


class NoTable(ValueError):
    """The file as a whole cannot be used. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with one cell, or with a row (``column`` empty). An error costs its row; a warning does not."""

    line: int
    column: str
    value: str
    cause: str
    remedy: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file that it began on, and its cells by name; a cell that is not there is empty."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of table: what each may be called, and which a file cannot do without."""

    kind: str
    names: Mapping[str, Sequence[str]]
    needed: tuple[str, ...]

    def named(self, header: Sequence[str]) -> dict[int, str]:
        """The name of each column of a header that is known; the first of two that mean the same stands."""
        found: dict[int, str] = {}
        for place, said in enumerate(header):
            name = next((key for key, called in self.names.items() if _plain(said) in map(_plain, called)), None)
            if name and name not in found.values():
                found[place] = name
        return found

    def lacks(self, header: Sequence[str]) -> list[str]:
        """The columns that a header lacks and the table needs."""
        return [name for name in self.needed if name not in self.named(header).values()]


@dataclass(slots=True)
class Table:
    """A file that was read: its header, and its rows."""

    header: list[str]
    rows: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def _plain(said: str) -> str:
    return unicodedata.normalize("NFKC", said).strip().casefold().replace("_", " ").replace("-", " ")


def header_of(content: bytes) -> list[str]:
    """The first line of a table. Raises `NoTable`."""
    return next(_lines(content), (0, []))[1]


def read(content: bytes, layout: Layout) -> Table:
    """The rows of a file, which is UTF-8 or GB18030, with commas, semicolons or tabs. Raises `NoTable`."""
    lines = _lines(content)
    header = next(lines, (0, []))[1]
    if lacking := layout.lacks(header):
        known = "; ".join(f"{name} ({', '.join(layout.names[name])})" for name in lacking)
        raise NoTable(f"the table lacks the column{'s' * (len(lacking) > 1)} {known}: name it in the first line")
    places, table = layout.named(header), Table(header)
    for place, said in enumerate(header):
        if place not in places and said.strip():
            unread = "no column of this table is called so" if said.strip() else ""
            table.issues.append(Issue(1, said.strip(), "", unread, "it is not read; see docs/import.md", "warning"))
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(header) :]):
            cause = f"the row has {len(cells)} cells and the header {len(header)}"
            remedy = "put a cell that holds a comma between double quotes"
            table.issues.append(Issue(line, "", ",".join(cells)[:120], cause, remedy))
            continue
        said_by = {name: one_line(cells[place]) for place, name in places.items() if place < len(cells)}
        table.rows.append(Row(line, said_by))
    return table


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it began on. Raises `NoTable`."""
    if len(content) > LARGEST:
        raise NoTable(f"the file is larger than {LARGEST // 1024**2} MB: split it")
    decoded = decode(content)
    if not decoded.text.strip():
        raise NoTable("the file is empty: its first line names the columns (docs/import.md)")
    if "\0" in decoded.text or decoded.replaced * 20 > len(decoded.text):
        raise NoTable("the file is no text: save the table as CSV in UTF-8")
    first = decoded.text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(decoded.text.lstrip("\r\n"), newline=""), delimiter=delimiter, strict=True)
    skipped = len(decoded.text) - len(decoded.text.lstrip("\r\n"))
    begun = decoded.text[:skipped].count("\n")
    try:
        for cells in reader:
            yield begun + 1, cells
            begun = decoded.text[:skipped].count("\n") + reader.line_num
    except csv.Error as error:
        raise NoTable(f"line {begun + 1} is no CSV: {error}; is a double quote left open?") from error
