"""``python -m tests.integration.sabotaged STEP HOW``: `medpulse run worker`, which comes to grief at one step, the first time.

``HOW`` is ``kill`` (SIGKILL to itself) or ``raise``. The steps are those at which an effect is half done.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from events.kafka import Publisher
from medpulse.settings import settings
from medpulse.work import worker
from streams.agents.enrich import Enrich
from streams.sinks import Sinks
from streams.store import Store

STEPS: dict[str, tuple[type, str]] = {
    "publish": (Publisher, "send"),
    "remember": (Enrich, "_remember"),
    "apply": (Store, "apply_entries"),
    "told": (Store, "told"),
    "done": (Sinks, "done"),
}
"""Name → the method; each is tried before and after."""


class Sabotage(Exception):
    """Raised where nobody expects it."""


def grief(how: str) -> None:
    """Die, or raise `Sabotage`."""
    if how == "raise":
        raise Sabotage
    os.kill(os.getpid(), signal.SIGKILL)


def spoilt(method: Callable[..., Awaitable[Any]], when: str, how: str) -> Callable[..., Awaitable[Any]]:
    """The method, spoilt before or after its work."""

    @wraps(method)
    async def spoil(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            grief(how)
        found = await method(*args, **kwargs)
        grief(how)
        return found

    return spoil


def main() -> None:
    """Run the worker, spoilt."""
    (when, step), how = sys.argv[1].split("-"), sys.argv[2]
    owner, name = STEPS[step]
    setattr(owner, name, spoilt(getattr(owner, name), when, how))
    worker(settings())


if __name__ == "__main__":
    main()
