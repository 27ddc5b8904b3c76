"""A file that a person made, read whole: its kind by its columns, a notice for each good row, the report on the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from events.notice import Notice
from scrapers.manual import clearances, rounds
from scrapers.manual.cells import Say
from scrapers.manual.table import Issue, Layout, NoTable, Row, header_of, read

Make = Callable[[Row, datetime, Say], Notice | None]
KINDS: Mapping[str, tuple[Layout, Make, str]] = {
    "rounds": (rounds.LAYOUT, rounds.round_notice, rounds.SOURCE),
    "clearances": (clearances.LAYOUT, clearances.clearance_notice, clearances.SOURCE),
}
"""The kinds of table: their columns, how a row becomes a notice, and the id of their source."""


@dataclass(frozen=True, slots=True)
class Import:
    """What a file held. ``rows`` counts its rows, ``notices`` are those of the good ones, in their order."""

    kind: str
    source_id: str
    rows: int
    notices: tuple[Notice, ...]
    issues: tuple[Issue, ...]

    @property
    def bad_rows(self) -> int:
        """The rows that were left out."""
        return self.rows - len(self.notices)


def read_table(content: bytes, now: datetime, kind: str | None = None) -> Import:
    """The notices of a table. ``now`` is aware. Raises `NoTable` for a file that is none, or of no known kind."""
    name = kind or _kind(header_of(content))
    layout, make, source = KINDS[name]
    table = read(content, layout)
    issues, notices, lines = list(table.issues), list[Notice](), dict[str, int]()
    torn = sum(1 for issue in table.issues if issue.severity == "error")
    for row in table.rows:
        found: list[Issue] = []
        notice = make(row, now, found.append)
        if notice and (before := lines.get(notice.item_key)):
            cause = f"line {before} says the same {layout.kind.removesuffix('s')}"
            found.append(Issue(row.line, "", notice.title, cause, "take one of the two out"))
        issues += found
        if notice and not any(one.severity == "error" for one in found):
            lines[notice.item_key] = row.line
            notices.append(notice)
    return Import(name, source, len(table.rows) + torn, tuple(notices), tuple(sorted(issues, key=lambda i: i.line)))


def _kind(header: list[str]) -> str:
    """The kind of table that a header is of. Raises `NoTable`."""
    fitting = [name for name, (layout, _, _) in KINDS.items() if not layout.lacks(header)]
    if len(fitting) == 1:
        return fitting[0]
    wanted = "; ".join(f"{name}: {', '.join(layout.needed)}" for name, (layout, _, _) in KINDS.items())
    raise NoTable(
        f"the columns {', '.join(header)!r} are those of no table that is known ({wanted}): see docs/import.md"
    )
