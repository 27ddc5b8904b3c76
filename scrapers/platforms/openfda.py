"""openFDA: premarket notifications (510(k)) and approvals (PMA) as JSON, with more pages by ``skip``.

``Notice.fields`` as in `scrapers.platforms.fda`, and ``received_on`` (``YYYY-MM-DD``), ``decision`` (in words),
``device_class``, ``applicant_country``. ``published_at`` is the day of the decision in Washington. Rules: SITES.md, A.9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from events.notice import Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import jsons
from scrapers.platforms.common import each, notice
from scrapers.source import Source
from scrapers.times import iso_day, parse_time

_QUERY = "https://api.fda.gov/device/510k.json"
_PAGE = "https://www.accessdata.fda.gov/scripts/cdrh/cfdocs/"
_LIMIT, _LAST_SKIP = 100, 25_000
_BACK = timedelta(days=60)
_SKIP = re.compile(r"(?<=[?&])skip=\d+")


@dataclass(frozen=True, slots=True)
class OpenFda:
    """``params.product_codes``: only devices of these codes are asked for; without it all are."""

    def first(self, source: Source, now: datetime) -> Request:
        """What was decided in the last sixty days: a decision is published within weeks."""
        today = now.astimezone(source.zone).date()
        return _request(source, today - _BACK, today)

    def parse(self, page: Page) -> Parsed:
        """The devices of one page; the answer that nothing was found is an empty one. Raises `ParseError`."""
        value, replaced = jsons.load(page)
        answer = jsons.mapping(value, "the answer")
        error = answer.get("error")
        if isinstance(error, dict) and jsons.text_of(error, "code") == "NOT_FOUND":
            return Parsed((), replaced=replaced, nothing=True)
        if "results" not in answer:
            said = jsons.text_of(error, "message", "code") if isinstance(error, dict) else ""
            raise ParseError(f"openFDA answered with an error: {said}" if said else "the answer has no results")
        rows = jsons.items(answer["results"], "results")
        made = each(rows, lambda row: _row(page, row), "results")
        return Parsed(made, {}, _next(page, answer, len(rows)), replaced)

    def history(self, source: Source, first: date, last: date) -> Iterator[Request]:
        """A request for each thirty days."""
        while last >= first:
            start = max(first, last - timedelta(days=29))
            yield _request(source, start, last)
            last = start - timedelta(days=1)


def _request(source: Source, first: date, last: date) -> Request:
    codes = source.params.get("product_codes")
    search = f"decision_date:[{first}+TO+{last}]"
    if isinstance(codes, list) and codes:
        search += f"+AND+product_code:({'+'.join(codes)})"
    return Request(f"{_QUERY}?search={search}&sort=decision_date:desc&limit={_LIMIT}&skip=0")


def _next(page: Page, answer: dict[str, Any], shown: int) -> Request | None:
    meta = answer.get("meta")
    results = meta.get("results") if isinstance(meta, dict) else None
    if not isinstance(results, dict) or not shown:
        return None
    after = jsons.count(results.get("skip")) + shown
    if after >= jsons.count(results.get("total")) or after > _LAST_SKIP:
        return None
    parts = urlsplit(page.url)
    query = _SKIP.sub(f"skip={after}", parts.query)
    query = query if _SKIP.search(parts.query) else f"{query}&skip={after}".lstrip("&")
    return Request(urlunsplit(parts._replace(query=query)))


def _row(page: Page, value: object) -> Notice:
    row, zone = jsons.mapping(value, "a result"), page.source.zone
    ident = jsons.text_of(row, "k_number")
    supplement = jsons.text_of(row, "supplement_number")
    pma = jsons.text_of(row, "pma_number")
    number = ident or (f"{pma}/{supplement}" if supplement else pma)
    device = jsons.words_of(row, "device_name", "trade_name", "generic_name")
    more = row.get("openfda")
    classed = more if isinstance(more, dict) else {}
    fields = {
        "register": "FDA",
        "submission_number": number,
        "product_name": device,
        "company": jsons.words_of(row, "applicant"),
        "panel": jsons.text_of(row, "advisory_committee_description") or jsons.text_of(row, "advisory_committee"),
        "product_code": jsons.text_of(row, "product_code"),
        "received_on": iso_day(parse_time(jsons.text_of(row, "date_received"), zone), zone),
        "decision": jsons.text_of(row, "decision_description", "decision_code"),
        "device_class": jsons.text_of(classed, "device_class"),
        "applicant_country": jsons.text_of(row, "country_code"),
    }
    url = f"{_PAGE}cfPMN/pmn.cfm?ID={ident}" if ident else f"{_PAGE}cfpma/pma.cfm?id={pma}{supplement}"
    stated = parse_time(jsons.text_of(row, "decision_date"), zone, "mdy")
    return notice(page, number, url, device, stated, fields=fields)
