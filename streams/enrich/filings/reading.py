"""What was read of one figure, and what could not be."""

from __future__ import annotations

from dataclasses import dataclass

from streams.enrich.filings.periods import Period

FIGURES = ("revenue", "gross_profit", "rd_expense", "net_profit", "cash", "top_five_share_bp")


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement of one figure: minor units of a currency (basis points of a share), known to within ``slack``.

    A figure printed as 115.2 百万元 is known to within half of the last digit; two readings agree where their ranges meet.
    ``quote`` is the row or sentence as printed, on page ``page`` of the file ``file`` (its place among the files, from 0).
    """

    figure: str
    period: Period
    value: int
    slack: int
    currency: str | None
    page: int
    quote: str
    rule: str
    file: int = 0

    def agrees(self, other: Reading) -> bool:
        """Whether the two can be the same amount."""
        return self.currency == other.currency and abs(self.value - other.value) <= self.slack + other.slack


@dataclass(frozen=True, slots=True)
class Refused:
    """A row or sentence that names a figure and was not read, with the reason."""

    figure: str
    page: int
    quote: str
    reason: str
    file: int = 0
