"""Throttle: a receiver is sent so many messages in so long; what is over the limit waits, and is then told together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from alerts.configuration import Strict
from alerts.durations import Seconds
from events.base import Severity


class Throttle(Strict):
    """At most ``most`` messages in any ``per`` seconds. Critical ones always pass, and count."""

    most: Annotated[int, Field(ge=1)]
    per: Annotated[Seconds, Field(gt=0)]


def free_at(sent: Sequence[float], throttle: Throttle | None, severity: Severity, now: float) -> float:
    """When (seconds since the epoch) the next message may go, given when earlier ones went: ``now``, or later."""
    if throttle is None or severity is Severity.CRITICAL:
        return now
    within = sorted(at for at in sent if at > now - throttle.per)
    return now if len(within) < throttle.most else within[-throttle.most] + throttle.per


def remembered(sent: Sequence[float], throttle: Throttle | None, now: float) -> tuple[float, ...]:
    """The times that still count, with ``now``."""
    if throttle is None:
        return ()
    return (*(at for at in sent if at > now - throttle.per), now)
