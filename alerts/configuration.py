"""Reading a TOML file of tables, with errors that name the file, the line, the table and the remedy."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

T = TypeVar("T")


class ConfigurationError(ValueError):
    """A configuration file cannot be used. The text is one line for the person who wrote the file."""


class Strict(BaseModel):
    """A frozen table of a configuration file. A key that is not known is an error: it is most often a slip of the pen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where table number ``index`` of the file starts, and which lines are its own (1-based, end not included)."""

    path: Path
    table: str
    name: str
    start: int
    lines: Sequence[str]

    def line_of(self, key: str) -> int:
        for number, line in enumerate(self.lines):
            if re.match(rf"\s*(\[[\w.]*\.)?{re.escape(key)}\s*(=|\])", line):
                return self.start + number
        return self.start


def load_tables(
    path: Path, table: str, model: TypeAdapter[T], known: Sequence[str], others: Sequence[str] = ()
) -> tuple[T, ...]:
    """The ``[[table]]`` tables of a TOML file, each as ``model``; every table has a unique ``id``.

    ``known`` are the keys that a table may have, for the remedy of an unknown one; ``others`` the tables that the file may
    hold beside, which other calls read. Raises `ConfigurationError`.
    """
    text, document = _read(path)
    for key in document:
        if key != table and key not in others:
            tables = ", ".join(f"[[{name}]]" for name in (table, *others))
            raise ConfigurationError(f"{path}: `{key}` is not known here; the file holds only {tables} tables")
        if not isinstance(document[key], list):
            raise ConfigurationError(f"{path}: `{key}` must be a list of tables; write [[{key}]]")
    found: list[T] = []
    seen: set[str] = set()
    for index, raw in enumerate(document.get(table, [])):
        place = _place(path, text, table, index, raw)
        try:
            found.append(model.validate_python(raw))
        except ValidationError as error:
            raise ConfigurationError(_explain(place, error.errors(include_url=False)[0], known)) from error
        if place.name in seen:
            raise ConfigurationError(f"{_where(place, place.line_of('id'))}: this id is used twice; give it another")
        seen.add(place.name)
    return tuple(found)


def tables_of(path: Path) -> tuple[str, ...]:
    """The names of the tables of a TOML file, to tell what sort of file it is. Raises `ConfigurationError`."""
    return tuple(_read(path)[1])


def fault(path: Path, table: str, ident: str, key: str, text: str) -> ConfigurationError:
    """An error about ``key`` of the table with that id, found only when the tables are seen together."""
    source, document = _read(path)
    for index, raw in enumerate(document.get(table, [])):
        if isinstance(raw, dict) and raw.get("id") == ident:
            place = _place(path, source, table, index, raw)
            return ConfigurationError(f"{_where(place, place.line_of(key))}: `{key}`: {text}")
    return ConfigurationError(f"{path}: {table} {ident!r}: `{key}`: {text}")


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path}: there is no such file; check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error


def _place(path: Path, text: str, table: str, index: int, raw: object) -> _Place:
    lines = text.splitlines()
    heads = [n for n, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{table}\s*\]\]", line)]
    start = heads[index] if index < len(heads) else 0
    end = heads[index + 1] if index + 1 < len(heads) else len(lines)
    name = str(raw.get("id", f"number {index + 1}")) if isinstance(raw, dict) else f"number {index + 1}"
    return _Place(path, table, name, start + 1, lines[start:end])


def _where(place: _Place, line: int) -> str:
    return f"{place.path}, line {line}, {place.table} {place.name!r}"


def _explain(place: _Place, error: ErrorDetails, known: Sequence[str]) -> str:
    keys = [str(part) for part in error["loc"] if isinstance(part, str)]
    key = keys[-1] if keys else ""
    line = next((n for n in (place.line_of(k) for k in reversed(keys)) if n != place.start), place.start)
    message = error["msg"].removeprefix("Value error, ")
    match error["type"]:
        case "extra_forbidden":
            close = difflib.get_close_matches(key, known, n=1)
            remedy = f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(known)}"
            return f"{_where(place, line)}: `{key}` is not known; {remedy}"
        case "missing":
            return f"{_where(place, line)}: `{key}` is missing; add it"
        case _:
            return f"{_where(place, line)}: {f'`{key}`: ' if key else ''}{message}"
