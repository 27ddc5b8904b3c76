"""A list that is suddenly very long: one poll builds a stretch of its rows, and the next one goes on after it.

A parser knows nothing of polls, and a page gives the same notices wherever it is parsed; only a poll sets a stretch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

MOST = 20_000
"""Rows of one stretch: two seconds of work and some 100 MB."""

Row = TypeVar("Row")


@dataclass(slots=True)
class Stretch:
    """From which row on; ``more`` is the number of rows gone through where some are left."""

    skip: int
    more: int | None = None


_CURRENT: ContextVar[Stretch | None] = ContextVar("stretch", default=None)


@contextmanager
def stretch(skip: int | None) -> Iterator[Stretch]:
    """While this is open, parsers build only `MOST` rows of a list, from the row ``skip`` on; None is no bound."""
    made = Stretch(skip or 0)
    token = _CURRENT.set(made if skip is not None else None)
    try:
        yield made
    finally:
        _CURRENT.reset(token)


def stretched(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that the stretch of this poll holds; all of them where there is none.

    A list that has become shorter than what was skipped is begun again.
    """
    current = _CURRENT.get()
    if current is None:
        yield from rows
        return
    every = iter(rows)
    skipped = list(islice(every, current.skip))
    rest = islice(every, MOST)
    taken = 0
    for row in rest:
        taken += 1
        yield row
    if not taken and skipped:
        yield from skipped[:MOST]
    if next(every, None) is not None:
        current.more = current.skip + taken
