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
SELECT company AS id, max(company_name) AS name,
  sum(rowid IN (SELECT event FROM tag WHERE name = ? AND day <= ?)) AS certificates,
  sum(type = 'overseas_clearance') AS clearances, sum(type = 'filing') AS filings,
  count(*) AS events, max(score) AS latest
FROM event WHERE company != '' AND day <= ? {narrowed} GROUP BY company
"""


async def companies(
    index: Index, until: date, by: By, text: str, limit: int, offset: int, holding: bool = False
) -> tuple[int, list[Company]]:
    """How many companies there are with an event up to the day, and some of them.

    ``text`` is looked for in their names; ``holding`` leaves those without a Class III AI certificate out.
    """
    day = until.isoformat()
    args: list[object] = [tag(series("class3_certificates")), day, day]
    narrowed = ""
    if text.strip():
        narrowed = "AND (company_name LIKE ? OR company LIKE ?)"
        args += [f"%{text.strip()}%"] * 2
    sql = f"WITH list AS ({_LIST.format(narrowed=narrowed)}) "
    kept = "WHERE certificates > 0" if holding else ""
    total = await index.rows(f"{sql} SELECT count(*) FROM list {kept}", args)  # noqa: S608
    page = await index.rows(
        f"{sql} SELECT * FROM list {kept} ORDER BY {_ORDERS[by]} LIMIT ? OFFSET ?",  # noqa: S608
        [*args, limit, offset],
    )
    return (int(total[0][0]) if total else 0), [Company(*row) for row in page]


async def name_of(index: Index, entity: str) -> str | None:
    """The name of a company or product; None where no event has named it."""
    found = await index.rows("SELECT name FROM entity WHERE id = ?", (entity,))
    return str(found[0][0]) if found else None


async def names_of(index: Index, entities: list[str]) -> dict[str, str]:
    """Id → name of those that are known."""
    places = ", ".join("?" * len(entities))
    found = await index.rows(f"SELECT id, name FROM entity WHERE id IN ({places})", entities)  # noqa: S608
    return {str(i): str(name) for i, name in found}


async def products_of(index: Index, company: str, until: date) -> list[tuple[str, str, int]]:
    """(Product id, name, events) of the products that the events of a company name."""
    sql = """
    SELECT product, max(product_name), count(*) FROM event
    WHERE company = ? AND product != '' AND day <= ? GROUP BY product ORDER BY 2
    """
    return [(str(i), str(name), int(n)) for i, name, n in await index.rows(sql, (company, until.isoformat()))]
