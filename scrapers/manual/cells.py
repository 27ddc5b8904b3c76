"""The cells that both kinds of table have: a day, a link, a yes. What is wrong is said, and nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from events.clock import SHANGHAI
from scrapers.manual.table import Issue, Row
from scrapers.times import UNKNOWN, Stated, parse_time

Say = Callable[[Issue], None]
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MONTH = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*[-/.年]\s*(?P<m>0?[1-9]|1[0-2])\s*月?(?!\d|\s*[-/.]\s*\d)")
_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?!\d)")
_YES = frozenset({"yes", "y", "true", "1", "x", "是", "已撤回", "withdrawn"})
_NO = frozenset({"", "no", "n", "false", "0", "否"})


def wrong(row: Row, column: str, cause: str, remedy: str, severity: Literal["error", "warning"] = "error") -> Issue:
    """What is wrong with a cell."""
    return Issue(row.line, column, row[column], cause, remedy, severity)


def day(row: Row, now: datetime, say: Say) -> tuple[Stated, str]:
    """The day of a row, and the month or year where no day is stated. A day is one in Shanghai.

    An error for no date at all, for several, and for one to come; a warning where only a month or a year is stated.
    """
    said = row["date"]
    stated = parse_time(said, SHANGHAI)
    if stated[0] is not None:
        if stated[0] > now:
            say(wrong(row, "date", "the day is yet to come", "correct the date"))
        return stated, ""
    if _DAY.search(said):
        say(wrong(row, "date", "there is no such day", "correct the date"))
        return UNKNOWN, ""
    month, years = _MONTH.search(said), set(_YEAR.findall(said))
    if len(years) != 1:
        cause = "there is no date" if not years else "there are several years"
        say(wrong(row, "date", cause, "write YYYY-MM-DD, or YYYY-MM or YYYY where no more is known"))
        return UNKNOWN, ""
    near = f"{month['y']}-{int(month['m']):02d}" if month else years.pop()
    cause = f"only {near} is stated, and no day is invented"
    say(wrong(row, "date", cause, "it counts in the sums without a time; write YYYY-MM-DD to place it", "warning"))
    return UNKNOWN, near


def link(row: Row, fallback: str, say: Say) -> str:
    """The link of a row; ``fallback`` where it gives none or something else."""
    said = row["url"]
    if not said:
        return fallback
    try:
        parts = urlsplit(said)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in {"http", "https"} and parts.netloc:
        return said
    say(wrong(row, "url", "this is no link", "write https://…, or leave it empty", "warning"))
    return fallback


def needed(row: Row, columns: tuple[str, ...], say: Say) -> bool:
    """Whether the cells that a row cannot do without are there."""
    empty = [name for name in columns if not row[name]]
    for name in empty:
        say(wrong(row, name, "the cell is empty", "fill it in, or take the row out"))
    return not empty


def withdrawn(row: Row, say: Say) -> bool:
    """Whether a row takes back what was imported before."""
    said = row["withdrawn"].casefold()
    if said not in _YES | _NO:
        say(wrong(row, "withdrawn", "this is neither yes nor no", "write yes, or leave it empty"))
    return said in _YES
