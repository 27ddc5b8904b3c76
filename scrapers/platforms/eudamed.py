"""EUDAMED: devices on the EU's market, by a search for trade names or manufacturers, as paged JSON.

The name of the array of rows was not seen in SITES.md (A.9): it is the only array of objects that the answer holds. A device in
EUDAMED bears the CE mark. ``Notice.fields``: ``register`` (CE), ``submission_number`` (the basic UDI-DI, which the variants of
a device share; where the search does not tell it, the primary DI), ``product_name``, ``company``, ``primary_di``, ``basic_di``,
``srn`` (the manufacturer's number), ``risk_class``, ``status_text``. The search states no day of publication.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from events.notice import Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import jsons
from scrapers.platforms.common import each, notice, query_of, with_query
from scrapers.source import Source
from scrapers.times import parse_time

_QUERY = "https://ec.europa.eu/tools/eudamed/api/devices/udiDiData"
_PAGE = "https://ec.europa.eu/tools/eudamed/#/screen/search-device/"
_ROWS = ("content", "results", "data", "items", "udiDiData")
_SIZE = "300"


@dataclass(frozen=True, slots=True)
class Eudamed:
    """``params.trade_names`` and ``params.srns``: what is searched for, one after the other."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first search."""
        return _search(*_searches(source)[0])

    def parse(self, page: Page) -> Parsed:
        """The devices of one page of a search, or the one of a detail page. Raises `ParseError`."""
        value, replaced = jsons.load(page)
        answer = value if isinstance(value, dict) else {"content": value}
        rows = _rows(answer)
        if rows is None:
            raise ParseError("the answer has no array of devices")
        made = each(rows, lambda row: _row(page, row), "devices")
        return Parsed(made, {}, _next(page, answer, bool(rows)), replaced)


def _searches(source: Source) -> list[tuple[str, str]]:
    """The searches, each the trade name or the SRN that it asks for; a source that names none asks for all devices."""
    names, srns = (source.params.get(param) for param in ("trade_names", "srns"))
    asked = [(name, "") for name in names] if isinstance(names, list) else []
    asked += [("", srn) for srn in srns] if isinstance(srns, list) else []
    return asked or [("", "")]


def _search(name: str, srn: str) -> Request:
    """The first page of a search."""
    common = {"page": "0", "pageSize": _SIZE, "size": _SIZE, "iso2Code": "en", "languageIso2Code": "en"}
    own = {"tradeName": name} if name else {"srn": srn} if srn else {}
    return Request(f"{_QUERY}?{urlencode(common | own)}")


def _rows(answer: dict[str, Any]) -> list[Any] | None:
    """The array of devices: by one of its usual names, else the only array of objects; a device alone is one row."""
    named = next((answer[key] for key in _ROWS if isinstance(answer.get(key), list)), None)
    if named is not None:
        return list(named)
    arrays = [v for v in answer.values() if isinstance(v, list) and v and all(isinstance(one, dict) for one in v)]
    if len(arrays) == 1:
        return list(arrays[0])
    if answer.keys() & {"primaryDi", "uuid"}:
        return [answer]
    return [] if "totalElements" in answer and not jsons.count(answer["totalElements"]) else None


def _next(page: Page, answer: dict[str, Any], shown: bool) -> Request | None:
    """The next page of a search, and after its last the next search."""
    here = query_of(page.url)
    after = jsons.count(here.get("page")) + 1
    if shown and after < jsons.count(answer.get("totalPages")):
        return Request(with_query(page.url, page=str(after)))
    searches = _searches(page.source)
    asked = (here.get("tradeName", ""), here.get("srn", ""))
    at = searches.index(asked) + 1 if asked in searches else len(searches)
    return _search(*searches[at]) if at < len(searches) else None


def _row(page: Page, value: object) -> Notice:
    row, zone = jsons.mapping(value, "a device"), page.source.zone
    primary, basic = _code(row, "primaryDi", "udiDi"), _code(row, "basicUdi", "basicUdiDi")
    uuid = jsons.text_of(row, "uuid", "ulid")
    name = _words(row, "tradeName", "deviceName", "deviceModel", "name", "reference")
    maker = row.get("manufacturer")
    own = maker if isinstance(maker, dict) else {}
    fields = {
        "register": "CE",
        "submission_number": basic or primary,
        "product_name": name,
        "company": jsons.words_of(row, "manufacturerName") or _words(own, "name"),
        "primary_di": primary,
        "basic_di": basic,
        "srn": jsons.text_of(row, "manufacturerSrn") or jsons.text_of(own, "srn"),
        "risk_class": _code(row, "riskClass").rpartition(".")[2],
        "status_text": _code(row, "deviceStatusType", "deviceStatus").rpartition(".")[2],
    }
    when = jsons.text_of(row, "versionDate", "lastUpdateDate", "publicationDate")
    return notice(
        page, uuid or primary, f"{_PAGE}{uuid}" if uuid else page.url, name, parse_time(when, zone), fields=fields
    )


def _code(row: dict[str, Any], *keys: str) -> str:
    """A value, or the ``code`` of the object that stands in its place."""
    for key in keys:
        value = row.get(key)
        if text := jsons.text_of(value, "code", "value") if isinstance(value, dict) else jsons.text_of(row, key):
            return text
    return ""


def _words(row: dict[str, Any], *keys: str) -> str:
    """A text, or the first of the texts in several languages (``{"texts": [{"text": …}]}``) that stand in its place."""
    for key in keys:
        value = row.get(key)
        texts: Sequence[Any] = value.get("texts") or () if isinstance(value, dict) else ()
        said = (
            (jsons.words_of(one, "text") for one in texts if isinstance(one, dict)) if isinstance(texts, list) else ()
        )
        if text := jsons.words_of(row, key) or next((one for one in said if one), ""):
            return text
    return ""
