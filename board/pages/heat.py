"""The heat map of scenarios and modalities as rows of HTML: its cells are most of the first page, so no template makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from board.pages.frame import Visit, address
from board.words import Lang, Words

SHADES = 3
"""Of how many shades a cell with something in it may be."""
EMPTY = '<td><span class="cell none">·</span></td>'


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The modalities, the one with most certificates first, and for each scenario its row of the table."""

    columns: list[str]
    rows: list[Markup]


def heat_map(heat: Mapping[str, Mapping[str, int]], on: Visit) -> HeatMap:
    """Of scenario → modality → certificates; each cell leads to the certificates that it counts."""
    columns = _columns(heat)
    most = max((n for row in heat.values() for n in row.values()), default=1)
    when = escape(f"&as_of={on.day}" if on.looking_back else "")
    return HeatMap(columns, [_row(scenario, row, columns, most, when, on) for scenario, row in heat.items()])


def _columns(heat: Mapping[str, Mapping[str, int]]) -> list[str]:
    totals: Counter[str] = Counter()
    for row in heat.values():
        totals.update(row)
    return sorted(totals, key=lambda m: (-totals[m], m))


def _row(scenario: str, row: Mapping[str, int], columns: Sequence[str], most: int, when: str, on: Visit) -> Markup:
    href, name = escape(on.href("/certificates", scenario=scenario)), escape(on.words.scenario(scenario))
    cells = [EMPTY] * len(columns)
    for place, modality in enumerate(columns):
        if n := row.get(modality, 0):
            link, label = _cell(scenario, modality, on.lang)
            cells[place] = (
                f'<td><a class="cell heat-{1 + SHADES * (n - 1) // most}" href="{link}{when}" '
                f'aria-label="{label}: {n}">{n}</a></td>'
            )
    return Markup(f'<tr><th scope="row"><a href="{href}">{name}</a></th>{"".join(cells)}</tr>')  # noqa: S704  all escaped


@lru_cache(maxsize=4096)
def _cell(scenario: str, modality: str, lang: Lang) -> tuple[str, str]:
    """The link of a cell without its day, and what it is called; both escaped."""
    words = Words(lang)
    link = address("/certificates", {"scenario": scenario, "modality": modality})
    return str(escape(link)), str(escape(f"{words.scenario(scenario)}, {words.value('modality', modality)}"))
