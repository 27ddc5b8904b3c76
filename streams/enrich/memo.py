"""Answers that are remembered: the same product, company or title comes again, and a pure function says the same of it.

Off until a process asks for it (`remember`): who reads one text has nothing to gain. What is remembered is bounded by number
and by the length of the text, and forgotten when other files say what words mean (`streams.enrich.files`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from streams.enrich import files

P = ParamSpec("P")
T = TypeVar("T")
LONGEST = 2_000
"""Characters of a text that is remembered: bodies of pages are longer, and come once."""
_on = False


def remember(on: bool = True) -> None:
    """Remember from now on, or no longer."""
    global _on  # noqa: PLW0603  one switch of the process
    _on = on


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A pure function of hashable arguments, of which text is first, that remembers its last ``most`` answers."""

    def wrap(ask: Callable[P, T]) -> Callable[P, T]:
        known = lru_cache(maxsize=most)(ask)
        files.forgets(known.cache_clear)

        @wraps(ask)
        def answer(*args: P.args, **kwargs: P.kwargs) -> T:
            text = args[0]
            if not _on or len(text if isinstance(text, str) else str(text)) > LONGEST:
                return ask(*args, **kwargs)
            return known(*args, **kwargs)  # type: ignore[arg-type]  # lru_cache asks for hashable arguments

        return answer

    return wrap
