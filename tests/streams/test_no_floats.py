"""Money never passes through a float: the code that reads, carries, adds and shows amounts has none, by its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from events.base import Money
from events.event import FigureReading, FinancialReport

ROOT = Path(__file__).parents[2]
MONEY = (
    "events/amounts.py",
    "events/base.py",
    "events/event.py",
    "events/rounds.py",
    *(f"events/view/{name}.py" for name in ("base", "catalog", "series", "spec")),
    "events/view/derived",
    "streams/contribute",
    "streams/enrich/filings",
    *(f"streams/enrich/make/{name}.py" for name in ("price", "price_rows", "report", "rounds")),
    "medpulse/verify",
    "medpulse/commands/extract.py",
)
"""What an amount passes on its way from a text to a sum. ``float`` in it is an error."""


def _files() -> Iterator[Path]:
    for name in MONEY:
        path = ROOT / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def floats(tree: ast.AST) -> list[int]:
    """Lines that make or may make a float: a literal, the name, a true division of what is no Fraction, Decimal or path."""
    return [getattr(node, "lineno", 0) for node in ast.walk(tree) if _is_float(node)]


def _is_float(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=float()) | ast.Name(id="float"):
            return True
        case ast.Attribute(attr="fsum" | "mean" | "fmean" | "timestamp" | "total_seconds"):
            return True
        case _:
            return False


def divisions(tree: ast.AST) -> list[str]:
    """The operands of true divisions, as text: each file's are looked at by `test_divisions_are_of_fractions`."""
    return [
        ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
    ]


@pytest.mark.parametrize("path", list(_files()), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_float_is_made(path: Path) -> None:
    found = floats(ast.parse(path.read_text(encoding="utf-8")))
    assert path.exists()
    allowed = ALLOWED.get(str(path.relative_to(ROOT)), 0)
    assert len(found) <= allowed, f"{path}: lines {found}"


ALLOWED = {
    "medpulse/verify/base.py": 2,
    "medpulse/verify/derived.py": 2,
    "medpulse/verify/figures.py": 3,
    "streams/enrich/filings/sentences.py": 1,
}
"""The recomputation orders moves and statements by instants, as seconds, which are no amounts; sentences.py has the part of a
line's width that makes it a title."""

FRACTIONS = ("Fraction", "share", "sum(", "number(", "ordered", "known(", "(parent)", "parents", "REGISTRY", "folder")


@pytest.mark.parametrize("path", list(_files()), ids=lambda path: str(path.relative_to(ROOT)))
def test_divisions_are_of_fractions(path: Path) -> None:
    for said in divisions(ast.parse(path.read_text(encoding="utf-8"))):
        assert any(word in said for word in FRACTIONS), f"{path}: {said}"


def test_the_walk_finds_what_it_looks_for() -> None:
    assert floats(ast.parse("a = 1.5\nb = float(a)\nc = statistics.mean(x)")) == [1, 2, 3]
    assert divisions(ast.parse("a = minor / 100")) == ["minor / 100"]


def test_the_types_of_amounts_are_integers_and_a_float_is_refused() -> None:
    assert Money.model_fields["minor"].annotation is int
    assert FigureReading.model_fields["value"].annotation is int
    for minor in (1.5, "1.5", float("nan")):
        with pytest.raises(ValueError, match="minor"):
            Money.model_validate({"minor": minor, "currency": "CNY"})
    for name in ("revenue", "net_profit", "cash"):
        assert Money in get_args(FinancialReport.model_fields[name].annotation)
