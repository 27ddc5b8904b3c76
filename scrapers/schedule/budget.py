"""The price of a poll at which a budget is just spent: one for all sources, so that each poll goes where it spares the most."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

Demand = Callable[[float], float]
"""Price (item-minutes a poll) → polls a day that are worth it. Falls as the price rises."""

CHEAPEST, DEAREST = 1e-4, 1e5
_STEPS, _GUESSES = 12, 5
_CLOSE = 0.01


def price_for(demand: Demand, per_day: float, guess: float = 1.0) -> float:
    """A price at which no more than ``per_day`` polls are wanted, and hardly fewer.

    The demand falls about as the square root of the price rises, which gives the first guesses; what they leave open is
    halved, so that an odd demand costs steps and never the answer. `DEAREST` where even that buys too many.
    """
    low, high, at = math.log(CHEAPEST), math.log(DEAREST), math.log(guess)
    tried = False
    for step in itertools.count(1):
        wanted = demand(math.exp(at))
        if wanted > per_day:
            low = at
        else:
            high, tried = at, True
        near = at == high and wanted >= per_day * (1 - _CLOSE)
        if high - low < _CLOSE or (tried and (near or step >= _STEPS)):
            break
        aimed = at + 2 * math.log(max(wanted, 1e-9) / per_day) + _CLOSE
        at = aimed if step < _GUESSES and low < aimed < high else (low + high) / 2
    return math.exp(high)
