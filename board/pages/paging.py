"""Where one is in a long list."""

from __future__ import annotations

from dataclasses import dataclass

from board.pages.frame import PAGE


@dataclass(frozen=True, slots=True)
class Paging:
    """The page that is shown, counted from 1, of a list of so many."""

    page: int
    total: int
    size: int = PAGE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first line on the page; 0 where there is none."""
        return min(self.total, (self.page - 1) * self.size + 1)

    @property
    def last(self) -> int:
        return min(self.total, self.page * self.size)
