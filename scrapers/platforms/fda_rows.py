"""The rows of the FDA's list, however its spreadsheet was turned into XML: elements, attributes, or a sheet of cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from lxml import etree

from scrapers.text import one_line

_ENCODED = re.compile(r"_x[0-9a-f]{4}_")
_OTHER = re.compile(r"[^a-z]")
_KEY = "submissionnumber"


def rows_of(root: etree._Element) -> Iterator[dict[str, str]]:
    """Each row as its cells under :func:`plain` names. A row is what has a submission number."""
    header: list[str] = []
    name_of = cache(plain)  # names are few, and each is asked for in every row
    for element in root.iter():
        if not len(element) and not element.attrib and name_of(element.tag) != "row":
            continue  # a cell
        children = [(child, name_of(child.tag)) for child in element]
        if any(name.startswith(_KEY) for _, name in children):
            yield {name: _text(child) for child, name in children if name}
        elif any(plain(name).startswith(_KEY) for name in element.attrib):
            yield {plain(name): one_line(value) for name, value in element.attrib.items()}
        elif name_of(element.tag) == "row":
            said = _sheet_row(element)
            if any(plain(text).startswith(_KEY) for text in said.values()):
                header = [plain(said.get(i, "")) for i in range(max(said) + 1)]
            elif header:
                yield {name: said[i] for i, name in enumerate(header) if name and said.get(i)}


def plain(name: object) -> str:
    """A name in lower case, letters only, without its namespace or what Excel encodes (``_x0020_``); of a comment empty."""
    if not isinstance(name, str):  # the tag of a comment is a function
        return ""
    return _OTHER.sub("", _ENCODED.sub("", name.rpartition("}")[2].casefold()))


def _text(element: etree._Element) -> str:
    return one_line("".join(map(str, element.itertext())) if len(element) else element.text)


def _sheet_row(row: etree._Element) -> dict[int, str]:
    """The cells of a row of SpreadsheetML by their place; ``Index`` skips empty ones, ``Formula`` holds a link."""
    cells: dict[int, str] = {}
    place = 0
    for cell in row:
        if plain(cell.tag) != "cell":
            continue
        own = {plain(name): str(value) for name, value in cell.attrib.items()}
        index = own.get("index", "")
        place = int(index) - 1 if index.isdecimal() and 0 < int(index[:4]) < 1000 else place
        cells[place] = own["formula"] if "hyperlink" in own.get("formula", "").casefold() else _text(cell)
        place += 1
    return cells
