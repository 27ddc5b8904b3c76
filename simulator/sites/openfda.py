"""api.fda.gov: premarket notifications as JSON; of a search the span of decisions, codes and number are read.

A search that finds nothing is answered with 404, as the real site does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

import orjson

from simulator.facts import Clearance
from simulator.faults import Quirks
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, whole
from simulator.web import JSON, Ask, Reply, marked

QUERY = "/device/510k.json"
_SPAN = re.compile(r"decision_date:\[(\S+)[ +]TO[ +](\S+?)\]")
_CODES = re.compile(r"product_code:\(?([A-Z +]+)\)?")
_NOTHING = {"error": {"code": "NOT_FOUND", "message": "No matches found!"}}
_NUMBER = re.compile(r"k_number:\"?(\w+)")


def _known(row: Clearance) -> datetime:
    return datetime.combine(row.decided, time(18), UTC)


class OpenFda:
    """The site: the FDA's rows with a K number, on the day of their decision."""

    hosts = ("api.fda.gov",)
    faults = ALL_BUT_MARKUP

    def __init__(self, clearances: Sequence[Clearance]) -> None:
        own = (row for row in clearances if row.number.startswith("K"))
        self._rows = sorted(own, key=lambda row: (row.decided, row.number), reverse=True)
        self.timeline = Timeline(_known(row) for row in self._rows)

    def newest(self, at: datetime) -> str | None:
        return next((row.number for row in self._rows if _known(row) <= at), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if ask.path != QUERY:
            return None
        search = ask.param("search")
        rows = [r for r in self._rows if _known(r) <= at and quirks.listed(r.number) and _wanted(r, search)]
        if not rows:
            return Reply(orjson.dumps(_NOTHING), JSON, status=404)
        skip, limit = whole(ask.param("skip"), 0), max(1, whole(ask.param("limit"), 1))
        shown = rows[skip : skip + limit]
        meta = {"disclaimer": "Do not rely on openFDA.", "last_updated": f"{at:%Y-%m-%d}"}
        counts = {"skip": skip, "limit": limit, "total": len(rows)}
        answer = {"meta": meta | {"results": counts}, "results": [_row(row, quirks) for row in shown]}
        return Reply(orjson.dumps(answer), JSON, illustrative=marked((r.number, r.illustrative) for r in shown))


def _wanted(row: Clearance, search: str) -> bool:
    span, codes, number = _SPAN.search(search), _CODES.search(search), _NUMBER.search(search)
    return (
        (not span or span.group(1) <= row.decided.isoformat() <= span.group(2))
        and (not codes or row.product_code in re.split("[ +]", codes.group(1)))
        and (not number or number.group(1) == row.number)
    )


def _row(row: Clearance, quirks: Quirks) -> dict[str, Any]:
    return {
        "k_number": row.number,
        "device_name": quirks.title(row.number, row.device),
        "applicant": row.company,
        "decision_date": None if quirks.undated else row.decided.isoformat(),
        "date_received": None,
        "decision_code": "SESE",
        "decision_description": "Substantially Equivalent",
        "product_code": row.product_code,
        "advisory_committee_description": row.panel,
        "country_code": "",
        "openfda": {"device_class": "2", "device_name": "", "regulation_number": ""},
    }
