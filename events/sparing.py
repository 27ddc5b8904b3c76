"""Libraries imported without others that they would take along: what those cost, every process of ours would pay."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Within, these libraries are as if they were not installed, except those that the process has imported already.

    For an import of a library that uses them where they are there, and that we use without them. ``None`` in `sys.modules` is
    the import system's own way to say that there is no such module (The Python Language Reference, 5.3.1).
    """
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment] # typeshed: modules only
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
