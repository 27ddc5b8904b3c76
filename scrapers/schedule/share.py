"""One budget of polls for all sources: more for those that publish much and matter much, and never less than a floor. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from events.workdays import DayKind
from scrapers.schedule.budget import price_for
from scrapers.schedule.rhythm import Rhythm

_WORKING_DAYS = 250 / 365
"""The share of days that are worked in China: 365 less 52 weekends and 11 holidays (State Council, 2024 decree)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source asks of the budget, in polls a day: at least ``least`` and at most ``most``.

    ``pull`` is the sum of √(λ/2) over the minutes of an average day, λ its items a minute times what they are worth. At a price
    of μ item-minutes a poll it wants ``pull``/√μ polls a day: the square-root law, minute by minute.
    """

    pull: float
    least: float
    most: float

    def wanted(self, price: float) -> float:
        """Polls a day at a price."""
        return min(max(self.pull / math.sqrt(price), self.least), self.most)


def pull(rhythm: Rhythm, value: float) -> float:
    """The `Claim.pull` of a source with this rhythm whose items are worth ``value`` each."""
    of = [sum(math.sqrt(rate * value / 2) for rate in rhythm.rates[kind]) for kind in DayKind]
    return _WORKING_DAYS * of[DayKind.WORKING] + (1 - _WORKING_DAYS) * of[DayKind.FREE]


def allot(claims: Mapping[str, Claim], per_day: float) -> dict[str, float]:
    """Source → polls a day, ``per_day`` of them together, at one price for all.

    Where the budget does not even cover the floors, each gets its floor cut down alike; where it exceeds what may be asked of
    the sources, each gets its most and the rest is not spent.
    """
    floors = sum(claim.least for claim in claims.values())
    if floors >= per_day:
        return {name: claim.least * per_day / floors for name, claim in claims.items()}
    if sum(claim.most for claim in claims.values()) <= per_day:
        return {name: claim.most for name, claim in claims.items()}
    price = price_for(lambda price: sum(claim.wanted(price) for claim in claims.values()), per_day)
    return {name: claim.wanted(price) for name, claim in claims.items()}
