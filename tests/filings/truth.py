"""What a generated filing states: figures of companies that do not exist, drawn by a seeded chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

FIGURES = ("revenue", "gross_profit", "rd_expense", "net_profit", "cash", "top_five_share_bp")
Period = tuple[date, date]


def year(number: int) -> Period:
    """A calendar year."""
    return date(number, 1, 1), date(number, 12, 31)


def half(number: int) -> Period:
    """The first half of a year."""
    return date(number, 1, 1), date(number, 6, 30)


@dataclass
class Truth:
    """What is so: ``values`` of (period, figure) in minor units or basis points. ``stated`` is the part that the file tells
    unmistakably: it is what recall is measured over. Any reading that is not in ``values`` is wrong."""

    currency: str = "CNY"
    values: dict[tuple[Period, str], int] = field(default_factory=dict)
    stated: set[tuple[Period, str]] = field(default_factory=set)


@dataclass(frozen=True)
class Paper:
    """A filing: its name in the corpus, its title as the exchange lists it, the file, and what is so."""

    name: str
    title: str
    pdf: bytes
    truth: Truth
    kind: str


class Books:
    """The books of one company: every figure is a whole number of ``step`` (minor units), so that a table of that unit
    states it exactly."""

    def __init__(self, seed: int, step: int, currency: str = "CNY", *, loss: bool | None = None) -> None:
        self.chance = random.Random(seed)
        self.truth = Truth(currency)
        self._step = step
        self._loss = self.chance.random() < 0.6 if loss is None else loss

    def keep(self, *periods: Period) -> None:
        """Draw the figures of these periods."""
        for period in periods:
            revenue = self.chance.randint(2 * 10**9, 9 * 10**10)
            drawn = {
                "revenue": revenue,
                "gross_profit": revenue * self.chance.randint(30, 80) // 100,
                "rd_expense": revenue * self.chance.randint(10, 150) // 100,
                "net_profit": revenue * self.chance.randint(5, 120) // 100 * (-1 if self._loss else 1),
                "cash": self.chance.randint(10**9, 2 * 10**11),
            }
            for name, amount in drawn.items():
                self.truth.values[period, name] = amount // self._step * self._step
            self.truth.values[period, "top_five_share_bp"] = self.chance.randint(1500, 9500)

    def of(self, period: Period, figure: str) -> int:
        """A figure, noted as stated."""
        self.truth.stated.add((period, figure))
        return self.truth.values[period, figure]

    def hidden(self, period: Period, figure: str) -> int:
        """A figure that the file prints where nobody can be sure of it."""
        return self.truth.values[period, figure]

    def other(self) -> int:
        """An amount of no account: another line of a table."""
        return self.chance.randint(10**8, 5 * 10**10) // self._step * self._step

    def pick(self, *of: str) -> str:
        """One of several phrasings."""
        return self.chance.choice(of)


def plain(minor: int, step: int, places: int = 0) -> str:
    """An amount of ``step`` minor units with thousands separators: ``-1,234.56`` (``places`` decimals)."""
    whole, rest = divmod(abs(minor) * 10**places, step)
    assert rest == 0, (minor, step, places)
    digits = str(whole).rjust(places + 1, "0")
    head, tail = (digits[:-places], f".{digits[-places:]}") if places else (digits, "")
    return f"{'-' if minor < 0 else ''}{int(head):,}{tail}"


def bracketed(minor: int, step: int, places: int = 0) -> str:
    """The same with a negative amount in brackets."""
    return f"({plain(-minor, step, places)})" if minor < 0 else plain(minor, step, places)


def percent(bp: int, places: int = 2) -> str:
    """Basis points as a percentage without its sign; ``places`` 1 needs a share that is a multiple of ten."""
    return f"{bp // 100}.{bp % 100:02d}" if places == 2 else f"{bp // 100}.{bp % 100 // 10}"


Layout = Callable[[int], Paper]


def rounded(minor: int, step: int, places: int) -> str:
    """An amount as prose beside a table tells it: rounded to ``places`` decimals of ``step`` minor units."""
    units = (abs(minor) * 10**places * 2 + step) // (2 * step)
    return plain(units, 10**places, places) if places else f"{units:,}"
