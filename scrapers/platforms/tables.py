"""Tables of a page as rows under known keys, found by their header and, before that, by what their cells look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from scrapers.platforms import walk
from scrapers.platforms.dom import line
from scrapers.platforms.walk import Element
from scrapers.remember import of_short

Grid = list[list[str]]
_SPLIT = re.compile(r"[/、()\[\]【】:]+")
_MAX_SPAN = 60
_MOST = 0.6
SEQ = "seq"


@dataclass(frozen=True)
class Columns:
    """The columns that a kind of table may have.

    ``names`` maps what a header cell may say to the key of a row; ``patterns`` says what the cells of a key look like (all
    white space taken out); ``guesses`` are tried, in this order, on columns that nothing names.
    """

    names: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    guesses: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    _any: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_any", re.compile("|".join(map(re.escape, self.names))))
        # A table is asked for its header several times, and its cells hardly change from one poll to the next.
        object.__setattr__(self, "key", of_short(self.key))

    def key(self, header: str) -> str | None:
        """The key that a header cell names: the whole of it, a part of it, or the longest name it holds."""
        said = squeeze(header)
        if not said or len(said) > 24 or not self._any.search(said):  # most cells hold no name
            return None
        for part in (said, *_SPLIT.split(said)):
            if part in self.names:
                return self.names[part]
        held = [name for name in self.names if len(name) > 2 and name in said]
        return self.names[max(held, key=len)] if held else None


def squeeze(text: str) -> str:
    """NFKC without white space: how header cells and numbers are compared."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def rows_of(body: Element, columns: Columns) -> tuple[dict[str, str], ...]:
    """The rows of every table in ``body`` that is one of this kind; a table without a header may continue the one before."""
    rows: list[dict[str, str]] = []
    header: list[str] = []
    for table in body.iterdescendants("table"):
        if not walk.holds(table, ("table",)):
            for part in _beside(grid(table), columns):
                found, header = grid_rows(part, columns, header)
                rows += found
    return tuple(rows)


def grid(table: Element) -> Grid:
    """The cells of a table as text, a cell that spans rows or columns repeated in each place."""
    lines: Grid = []
    down: dict[int, tuple[int, str]] = {}
    for tr in table.iterdescendants("tr"):
        cells: list[str] = []
        for cell in walk.children(tr, "td", "th"):
            _fill(cells, down)
            text, rows = line(cell), _span(cell, "rowspan")
            for _ in range(_span(cell, "colspan")):
                if rows > 1:
                    down[len(cells)] = (rows - 1, text)
                cells.append(text)
        _fill(cells, down)
        lines.append(cells)
    return lines


def _fill(cells: list[str], down: dict[int, tuple[int, str]]) -> None:
    """Append the cells that reach down into this place from the rows above."""
    while len(cells) in down:
        left, text = down.pop(len(cells))
        if left > 1:
            down[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: Element, name: str) -> int:
    digits = cell.get(name)
    if digits is None:
        return 1
    digits = digits.strip()
    return min(max(int(digits), 1), _MAX_SPAN) if digits.isdecimal() and len(digits) < 6 else 1


def _beside(lines: Grid, columns: Columns) -> list[Grid]:
    """The tables that were set side by side in one: its header says the same columns two or more times over."""
    header = next(([squeeze(cell) for cell in cells] for cells in lines if _is_header(cells, columns)), [])
    for width in range(2, len(header) // 2 + 1):
        if len(header) % width == 0 and header == header[:width] * (len(header) // width):
            return [[cells[at : at + width] for cells in lines] for at in range(0, len(header), width)]
    return [lines]


def _upright(lines: Grid, columns: Columns) -> Grid:
    """A table whose header is its first column, turned so that its header is the first row."""
    first = [cells[0] for cells in lines if cells]
    if not (first and all(map(columns.key, first))) or any(_is_header(cells, columns) for cells in lines):
        return lines
    return [list(cells) for cells in zip_longest(*filter(None, lines), fillvalue="")] if len(first) > 1 else lines


def _deeper(upper: Sequence[str], lower: Sequence[str], columns: Columns) -> list[str]:
    """A header of two rows as one: a name that both make together (注册人 above 名称), else what the lower row says."""
    pairs = zip_longest(upper, lower, fillvalue="")
    return [above + below if above + below in columns.names else below or above for above, below in pairs]


def grid_rows(lines: Grid, columns: Columns, before: Sequence[str] = ()) -> tuple[list[dict[str, str]], list[str]]:
    """The rows of one table and its header. ``before`` is the header of the table before, for one that has none."""
    lines = _upright(lines, columns)
    titles = [_is_header(cells, columns) for cells in lines]
    at = titles.index(True) if True in titles else -1
    header = [squeeze(cell) for cell in lines[at]] if at >= 0 else []
    if at >= 0 and titles[at + 1 : at + 2] == [True]:
        header = _deeper(header, [squeeze(cell) for cell in lines[at + 1]], columns)
    # A header repeated on the next sheet is no row.
    data = [cells for i, cells in enumerate(lines) if i > at and not titles[i] and _says_something(cells)]
    width = max((len(cells) for cells in data), default=0)
    if not header and len(before) == width:
        header = list(before)
    keys = _keys(header, data, width, columns)
    if not header and not set(keys.values()) & columns.patterns.keys():
        return [], []
    rows = ({keys[i]: _value(keys[i], text, columns) for i, text in enumerate(cells) if i in keys} for cells in data)
    return [{k: v for k, v in row.items() if v} for row in rows if any(v for k, v in row.items() if k != SEQ)], header


def _is_header(cells: Sequence[str], columns: Columns) -> bool:
    named = {columns.key(cell) for cell in cells} - {None}
    return len(named) >= 2 and not any(p.search(squeeze(cell)) for cell in cells for p in columns.patterns.values())


def _says_something(cells: Sequence[str]) -> bool:
    """Not a caption or a sum that spans the whole table."""
    spanning = len(cells) > 1 and all(a == b for a, b in pairwise(cells))
    return any(cells) and not spanning


def _keys(header: Sequence[str], data: Grid, width: int, columns: Columns) -> dict[int, str]:
    """The key of each column: by the look of its cells, else by its header, else by a guess, else the header itself."""
    keys: dict[int, str] = {}
    for key, pattern in columns.patterns.items():
        best = max(range(width), key=lambda i: _share(data, i, pattern), default=None)
        if best is not None and best not in keys and _share(data, best, pattern) >= _MOST:
            keys[best] = key
    for i, said in enumerate(header[:width]):
        named = columns.key(said)
        if i not in keys and named and named not in keys.values():
            keys[i] = named
    for key, pattern in columns.guesses.items():
        free = (i for i in range(width) if i not in keys and (i >= len(header) or columns.key(header[i])))
        if (
            key not in keys.values()
            and (hit := next((i for i in free if _share(data, i, pattern) >= _MOST), None)) is not None
        ):
            keys[hit] = key
    spanned = {i for i in range(1, min(width, len(header))) if header[i] == header[i - 1] and _same(data, i - 1, i)}
    return keys | {
        i: said
        for i, said in enumerate(header[:width])
        if i not in keys | dict.fromkeys(spanned) and said and said not in keys.values()
    }


def _same(data: Grid, left: int, right: int) -> bool:
    return all(cells[left] == cells[right] for cells in data if right < len(cells))


def _share(data: Grid, column: int, pattern: re.Pattern[str]) -> float:
    cells = [squeeze(cells[column]) for cells in data if column < len(cells) and cells[column]]
    return sum(1 for cell in cells if pattern.search(cell)) / len(cells) if cells else 0.0


def _value(key: str, text: str, columns: Columns) -> str:
    if (pattern := columns.patterns.get(key)) and len(words := text.split()) > 1 and all(map(pattern.search, words)):
        return "、".join(map(squeeze, words))
    return squeeze(text) if pattern or key == SEQ else text
