"""The best times to poll for a known rate and a price of a poll."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def plan(rates: Sequence[float], price: float) -> list[int]:
    """Minutes, ascending, at which to poll: they make the expected waiting of items plus ``price`` a poll least.

    ``rates[m]`` is the expected number of items in minute ``m``; time 0 has just been polled, and the last poll is at the end,
    ``len(rates)``. ``price`` is in item-minutes. Exact, in time proportional to ``len(rates)``: the cost of an interval is a
    line in its end, so the least of them is kept as a lower envelope (the convex hull trick).
    """
    count = list(accumulate(rates, initial=0.0))
    moment = list(accumulate((rate * (minute + 0.5) for minute, rate in enumerate(rates)), initial=0.0))
    envelope: list[tuple[float, float, int]] = [(0.0, 0.0, 0)]
    before = [0] * len(count)
    first = 0
    for end in range(1, len(count)):
        while first + 1 < len(envelope) and _at(envelope[first + 1], end) <= _at(envelope[first], end):
            first += 1
        best = envelope[first]
        before[end] = best[2]
        cost = price + end * count[end] - moment[end] + _at(best, end)
        line = (-count[end], cost + moment[end], end)
        while len(envelope) - first >= 2 and _needless(envelope[-2], envelope[-1], line):
            envelope.pop()
        envelope.append(line)
    return _back(before)


def _at(line: tuple[float, float, int], end: int) -> float:
    return line[0] * end + line[1]


def _needless(
    left: tuple[float, float, int], middle: tuple[float, float, int], right: tuple[float, float, int]
) -> bool:
    """Whether the middle line is nowhere below both others. The slopes descend."""
    return (right[1] - left[1]) * (left[0] - middle[0]) <= (middle[1] - left[1]) * (left[0] - right[0])


def _back(before: Sequence[int]) -> list[int]:
    polls = [len(before) - 1] if len(before) > 1 else []
    while polls and before[polls[-1]] > 0:
        polls.append(before[polls[-1]])
    return polls[::-1]
