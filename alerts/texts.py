"""Text: sandboxed templates for rules, local times, and the cleaning that makes hostile text inert as plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from events.base import Precision
from events.clock import SHANGHAI

# Plain text comes out, so nothing is escaped here: each channel makes the text inert in its own format.
_SANDBOX = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class TemplateFault(ValueError):
    """A template cannot be used. The text says what is wrong and what there is instead."""


def check_template(source: str, fields: Mapping[str, Collection[str]]) -> None:
    """Raises `TemplateFault` unless the template parses and reads only the variables, and their fields, of ``fields``.

    A variable whose collection of fields is empty is a plain value.
    """
    try:
        tree = _SANDBOX.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateFault(f"the template does not parse: {error.message} (its line {error.lineno})") from error
    for name in sorted(meta.find_undeclared_variables(tree) - set(fields)):
        raise TemplateFault(f"the template reads `{name}`; there are {', '.join(fields)}")
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and (known := fields.get(node.node.name)) and node.attr not in known:
            there_are = ", ".join(sorted(known))
            raise TemplateFault(f"the template reads `{node.node.name}.{node.attr}`; there are {there_are}")


def fill(source: str, values: Mapping[str, Any]) -> str:
    """The template with its values. Models are given as bare data, so that a template can call nothing on them.

    Who fills several templates with the same values makes them `bare` first. Raises `TemplateFault` where a value is missing
    or the sandbox refuses.
    """
    try:
        return _compiled(source).render(bare(values)).strip()
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise TemplateFault(f"{type(error).__name__}: {error}") from error


def bare(values: Mapping[str, object]) -> dict[str, object]:
    """The values with models as bare data; what is bare already stays as it is."""
    return {name: _bare(value) for name, value in values.items()}


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Template:
    return _SANDBOX.from_string(source)


def _bare(value: object) -> object:
    if isinstance(value, BaseModel):
        return SimpleNamespace(**{name: _bare(getattr(value, name)) for name in type(value).model_fields})
    if isinstance(value, tuple):
        return tuple(_bare(item) for item in value)
    return value


def local_time(at: datetime, precision: Precision | None = None) -> str:
    """An aware instant in Asia/Shanghai, no finer than its source states it: ``2022-03-07`` or ``2022-03-07 09:00``."""
    return f"{at.astimezone(SHANGHAI):{'%Y-%m-%d' if precision is Precision.DAY else '%Y-%m-%d %H:%M'}}"


def plain(text: str) -> str:
    """Text without control characters (line feeds stay) and without the marks that turn the direction of writing."""
    return "".join(
        c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c == "\n" or (_visible(c) and c not in _BIDI)
    )


def one_line(text: str) -> str:
    """`plain` text on one line: safe for a header, a terminal and a list."""
    return " ".join(plain(text).replace("\u2028", " ").replace("\u2029", " ").split())


def clip(text: str, most: int) -> str:
    """At most ``most`` characters; an ellipsis tells that there was more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs", "Co"} or char == "\t"
