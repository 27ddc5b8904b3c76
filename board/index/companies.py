"""Companies in the index: the list, and who one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from board.index.follow import Index
from board.index.rows import series, tag


class By(StrEnum):
    """What the list of companies is sorted by."""

    CERTIFICATES = "certificates"
    EVENTS = "events"
    LATEST = "latest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Company:
    """One line of the list: numbers up to a day, and the time of its latest event in seconds since the epoch."""

    id: str
    name: str
    certificates: int
    clearances: int
    filings: int
    events: int
    latest: float


_ORDERS = {
    By.CERTIFICATES: "certificates DESC, events DESC, name",
    By.EVENTS: "events DESC, certificates DESC, name",
    By.LATEST: "latest DESC, name",
    By.NAME: "name, id",
}
_LIST = """
WITH holding AS (
  SELECT e.company AS id, count(*) AS n FROM tag t JOIN event e ON e.rowid = t.event WHERE t.name = ? AND t.day <= ? GROUP BY 1
), active AS (
  SELECT company AS id, sum(type = 'overseas_clearance') AS clearances, sum(type = 'filing') AS filings,
    count(*) AS events, max(score) AS latest
  FROM event WHERE company != '' AND day <= ? GROUP BY company
), list AS (
  SELECT active.id, entity.name AS name, coalesce(holding.n, 0) AS certificates, clearances, filings, events, latest
  FROM active JOIN entity ON entity.id = active.id LEFT JOIN holding ON holding.id = active.id
)
SELECT *, count(*) OVER () FROM list WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?
"""


async def companies(
    index: Index, until: date, by: By, text: str, limit: int, offset: int, holding: bool = False
) -> tuple[int, list[Company]]:
    """How many companies there are with an event up to the day, and some of them.

    ``text`` is looked for in their names; ``holding`` leaves those without a Class III AI certificate out.
    """
    day, words = until.isoformat(), [f"%{text.strip()}%"] * 2 if text.strip() else []
    kept = ["(name LIKE ? OR id LIKE ?)"] * bool(words) + ["certificates > 0"] * holding
    sql = _LIST.format(condition=" AND ".join(kept) or "1", order=_ORDERS[by])
    args = [tag(series("class3_certificates")), day, day, *words]
    page = await index.rows(sql, (*args, limit, offset))
    if not page and offset:
        first = await index.rows(sql, (*args, 1, 0))
        return (int(first[0][-1]) if first else 0), []
    return (int(page[0][-1]) if page else 0), [Company(*row[:-1]) for row in page]


async def name_of(index: Index, entity: str) -> str | None:
    """The name of a company or product; None where no event has named it."""
    found = await index.rows("SELECT name FROM entity WHERE id = ?", (entity,))
    return str(found[0][0]) if found else None


async def names_of(index: Index, entities: list[str]) -> dict[str, str]:
    """Id → name of those that are known."""
    places = ", ".join("?" * len(entities))
    found = await index.rows(f"SELECT id, name FROM entity WHERE id IN ({places})", entities)  # noqa: S608
    return {str(i): str(name) for i, name in found}


async def prices_of(index: Index, company: str, until: date, limit: int) -> list[str]:
    """Ids of the price items of a company's products, newest first."""
    sql = """
    SELECT e.id FROM event e WHERE e.type = 'price_item' AND e.day <= ? AND e.product IN
      (SELECT product FROM event WHERE company = ? AND product != '' AND day <= ?)
    ORDER BY e.day DESC, e.score DESC, e.id DESC LIMIT ?
    """
    day = until.isoformat()
    return [str(i) for (i,) in await index.rows(sql, (day, company, day, limit))]


async def products_of(index: Index, company: str, until: date) -> list[tuple[str, str, int]]:
    """(Product id, name, events) of the products that the events of a company name."""
    sql = """
    SELECT product, max(product_name), count(*) FROM event
    WHERE company = ? AND product != '' AND day <= ? GROUP BY product ORDER BY 2
    """
    return [(str(i), str(name), int(n)) for i, name, n in await index.rows(sql, (company, until.isoformat()))]
