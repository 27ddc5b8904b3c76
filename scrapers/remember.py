"""Answers about short texts that are remembered.

The cells of a list are read several times by a poll, and hardly change from one poll to the next. Long texts come once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
SHORT = 200
"""Characters of a text that is remembered."""
MOST = 8192
"""Answers of each function that are remembered, those that were asked for last."""
_forget: list[Callable[[], None]] = []


def of_short(ask: Callable[P, T]) -> Callable[P, T]:
    """A pure function of hashable arguments, of which a text is the first and given by place."""
    known = lru_cache(maxsize=MOST)(ask)
    _forget.append(known.cache_clear)

    @wraps(ask)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        text = args[0]
        if isinstance(text, str) and len(text) <= SHORT:
            return known(*args, **kwargs)  # type: ignore[arg-type]  # lru_cache asks for hashable arguments
        return ask(*args, **kwargs)

    return answer


class Known(Generic[K, V]):
    """Answers by what they are answers to: as many as ``most``, those that were asked for last. Any thread may ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._answers: dict[K, V] = {}
        _forget.append(self._answers.clear)

    def of(self, key: K, find: Callable[[], V]) -> V:
        """The answer to ``key``: the one that is known, else the one that is found."""
        found = self.last(key)
        if found is None:
            found = find()
            self.keep(key, found)
        return found

    def last(self, key: K) -> V | None:
        """The answer to ``key`` that is known."""
        with self._lock:
            found = self._answers.pop(key, None)
            if found is not None:
                self._answers[key] = found  # now the last
            return found

    def keep(self, key: K, answer: V) -> None:
        """From now on this is the answer to ``key``."""
        with self._lock:
            self._answers.pop(key, None)
            self._answers[key] = answer
            if len(self._answers) > self._most:
                del self._answers[next(iter(self._answers))]


def forget() -> None:
    """Forget every answer, as a process that has read nothing."""
    for one in _forget:
        one()
