"""A taxonomy or register file as its editor left it: every fault with its line, before anything runs on it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from events.labels import Modality, Sector
from events.scenarios import SCENARIOS
from streams.enrich import files, names
from streams.enrich.register import COMPANIES, PRODUCTS, Company, Product
from streams.enrich.taxonomy import ENDINGS, KEYS, SHADOW

AXES: dict[str, set[str] | None] = {
    "method": None,
    "modality": {str(one) for one in Modality},
    "sector": {str(one) for one in Sector},
    "panel": {str(one) for one in Sector},
    "scenario": set(SCENARIOS),
    "relevant": None,
    "device": {str(one) for one in Sector} | {f"{sector}/{seen}" for sector in Sector for seen in Modality},
    "likely": {str(one) for one in Sector},
}
"""The axes that labels are made of, and their ids; None where any id will do."""
_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"^\s*([\w-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where; lines count from 1."""

    line: int
    text: str


class Lines:
    """Where the tables and keys of a TOML text begin."""

    def __init__(self, text: str) -> None:
        self._tables: list[tuple[str, int, dict[str, int]]] = [("", 1, {})]
        for number, line in enumerate(text.splitlines(), 1):
            if match := _TABLE.match(line):
                self._tables.append((re.sub(r"[ \"']", "", match[2]), number, {}))
            elif match := _KEY.match(line):
                self._tables[-1][2].setdefault(match[1], number)

    def of(self, table: str, index: int = 0, key: str | None = None) -> int:
        """The line of the ``index``-th table of this name, or of a key in it."""
        found = [(line, keys) for name, line, keys in self._tables if name == table]
        if not found:
            return 1
        line, keys = found[min(index, len(found) - 1)]
        return keys.get(key or "", line)


def faults(file: Path, companies: Path | None = None) -> list[Fault]:
    """Every fault of a taxonomy, of a register of companies, or of one of products, in the order of lines.

    Products are held against ``companies``, or those in use. Raises OSError, and UnicodeDecodeError where it is not UTF-8.
    """
    text = file.read_text(encoding="utf-8")
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        return [Fault(int(found[1]) if found else len(text.splitlines()), f"no TOML: {error}")]
    lines = Lines(text)
    if "company" in said:
        made = _companies(said, lines)
    elif "product" in said:
        made = _products(said, lines, companies or files.path("companies"))
    else:
        made = _taxonomy(said, lines)
    return sorted(made, key=lambda fault: fault.line)


def _rows(said: dict[str, Any], table: str, lines: Lines, adapter: TypeAdapter[Any]) -> Iterator[Fault]:
    for key in said.keys() - {table}:
        yield Fault(lines.of(key), f"unknown table {key!r}: only [[{table}]]")
    try:
        adapter.validate_python(said[table])
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            index, key = (int(one["loc"][0]), str(one["loc"][1])) if len(one["loc"]) > 1 else (0, "")
            row = said[table][index] if isinstance(said[table], list) and isinstance(said[table][index], dict) else {}
            who = row.get("id") or row.get("name") or f"number {index + 1}"
            yield Fault(lines.of(table, index, key), f"{who}: {key}: {one['msg']}")


def _companies(said: dict[str, Any], lines: Lines) -> Iterator[Fault]:
    wrong = list(_rows(said, "company", lines, COMPANIES))
    yield from wrong
    if wrong:
        return
    rows: list[Company] = COMPANIES.validate_python(said["company"])
    owners: dict[str, Company] = {}
    yield from _twice("company", [row.id for row in rows], lines)
    ids = {row.id for row in rows}
    for index, row in enumerate(rows):
        for key, given in (("name", (row.name,)), ("names", row.names), ("aliases", row.aliases)):
            for name in given:
                owner = owners.setdefault(names.key(name), row)
                if owner is not row:
                    yield Fault(lines.of("company", index, key), f"{row.id}: {name!r} is a name of {owner.id} too")
        if row.group and row.group not in ids:
            yield Fault(lines.of("company", index, "group"), f"{row.id}: no company is called {row.group!r}")


def _products(said: dict[str, Any], lines: Lines, companies: Path) -> Iterator[Fault]:
    wrong = list(_rows(said, "product", lines, PRODUCTS))
    yield from wrong
    if wrong:
        return
    rows: list[Product] = PRODUCTS.validate_python(said["product"])
    ids = {one.get("id") for one in tomllib.loads(companies.read_text(encoding="utf-8")).get("company", [])}
    yield from _twice("product", [row.id for row in rows], lines)
    for index, row in enumerate(rows):
        if row.company not in ids:
            yield Fault(lines.of("product", index, "company"), f"{row.id}: no company is called {row.company!r}")


def _twice(table: str, ids: Iterable[str], lines: Lines) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, ident in enumerate(ids):
        if ident in seen:
            yield Fault(lines.of(table, index, "id"), f"the id {ident!r} is given twice")
        seen.add(ident)


def _taxonomy(said: dict[str, Any], lines: Lines) -> Iterator[Fault]:
    for axis in AXES.keys() - said.keys() - set(ENDINGS):
        yield Fault(1, f"no table begins with [{axis}.: labels of this axis would never be given")
    for axis, tables in said.items():
        if axis not in AXES or not isinstance(tables, dict):
            yield Fault(lines.of(axis), f"unknown axis {axis!r}: only {', '.join(AXES)}")
            continue
        for name, table in tables.items():
            yield from _entry(axis, name, table, lines)


def _entry(axis: str, name: str, table: Any, lines: Lines) -> Iterator[Fault]:
    where = f"{axis}.{name}"
    ids = AXES[axis]
    if ids is not None and name not in ids | {SHADOW}:
        yield Fault(lines.of(where), f"[{where}]: unknown id; there are {', '.join(sorted(ids))}")
    if not isinstance(table, dict):
        yield Fault(lines.of(axis, key=name), f"[{where}]: must be a table")
        return
    for key in table.keys() - KEYS:
        yield Fault(lines.of(where, key=key), f"[{where}]: unknown key {key!r}: only terms, patterns and when")
    for key in KEYS & table.keys():
        line = lines.of(where, key=key)
        for word in table[key] if isinstance(table[key], list) else [None]:
            if not isinstance(word, str) or not word.strip():
                yield Fault(line, f"[{where}]: {key} must be a list of words, none of them empty")
            elif key == "patterns" and (reason := _no_pattern(word)):
                yield Fault(line, f"[{where}]: the pattern {word!r} cannot be used: {reason}")


def _no_pattern(pattern: str) -> str | None:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return str(error)
    return "it matches nothing at all, everywhere" if compiled.fullmatch("") else None
