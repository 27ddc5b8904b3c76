"""Which files say what words mean and who is who: those that ship with medpulse, or a user's own (``MEDPULSE_TAXONOMY`` …)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).parent.parent / "registry"
NAMES = ("taxonomy", "companies", "products")
_chosen: dict[str, Path] = {}
_forget: list[Callable[[], object]] = []


class BadRegister(ValueError):
    """The register cannot be used. The text names the entry."""


class BadTaxonomy(ValueError):
    """A table of the taxonomy cannot be used. The text names it."""


@cache
def _shipped(name: str) -> Path:
    """Asked for several times an event, and pathlib joins slowly."""
    return SHIPPED / f"{name}.toml"


def path(name: str) -> Path:
    """The file in use: ``taxonomy``, ``companies`` or ``products``."""
    return _chosen.get(name) or _shipped(name)


def use(**files: Path | None) -> None:
    """Read these files instead of the shipped ones (None: the shipped one) from now on. What was read before is forgotten.

    Raises KeyError for a name that is none of `NAMES`. The files are read when they are first needed.
    """
    for name, file in files.items():
        if name not in NAMES:
            raise KeyError(name)
        if file is None:
            _chosen.pop(name, None)
        else:
            _chosen[name] = file
    for forget in _forget:
        forget()


def forgets(forget: Callable[[], object]) -> None:
    """Call this whenever other files are chosen: a cache of what was read from them."""
    _forget.append(forget)
