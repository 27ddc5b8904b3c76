"""FDA: the list of AI-enabled medical devices as XML that was exported from a spreadsheet.

``Notice.fields``: ``register`` (FDA), ``submission_number``, ``product_name``, ``company``, ``panel``, ``product_code``.
``published_at`` is the day of the final decision in Washington. The submission number is an Excel formula, names hold C1
control characters, and characters that XML 1.0 forbids may occur. Rules: SITES.md, A.9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html.entities import html5

from lxml import etree

from events.notice import Notice
from scrapers.page import Challenged, Malformed, Page, Parsed, Request
from scrapers.platforms.common import each, lacking, notice, read
from scrapers.platforms.fda_rows import plain, rows_of
from scrapers.platforms.walls import wall
from scrapers.source import Source
from scrapers.text import one_line
from scrapers.times import Stated, parse_time

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:x(?P<hex>[0-9a-fA-F]{1,6})|(?P<dec>\d{1,7}));")
_BARE = re.compile(r"&(?!(?:#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);)(?:(?P<name>[A-Za-z]{2,8});)?")
_FORMULA = re.compile(
    r"=\s*HYPERLINK\(\s*[\"'“”]+(?P<url>[^\"'“”]*)[\"'“”]+\s*[,;]\s*[\"'“”]+(?P<text>[^\"'“”]*)[\"'“”]+\s*\)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b(?:K|DEN|P|BK|H|N|BP|BN)\d{5,7}(?:/[A-Z]\d{2,4})?\b")
_SERIAL = re.compile(r"[34]\d{4}(?:\.\d+)?")  # days of the years 1982 to 2036
_SCHEME = re.compile(r"https?://\S+$")


@dataclass(frozen=True, slots=True)
class Fda:
    """The whole list in one file."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The XML file."""
        return Request(source.param("xml"))

    def parse(self, page: Page) -> Parsed:
        """The devices of the list. Raises `ParseError`."""
        decoded = read(page)
        root = _root(decoded.text)
        rows = list(rows_of(root))
        if not rows and (len(root) or plain(root.tag) != "data"):
            raise lacking(decoded.text, "no row has a Submission_number")
        return Parsed(each(rows, lambda row: _row(page, row), "rows"), replaced=decoded.replaced)


def _root(text: str) -> etree._Element:
    """The tree of the XML, without what XML 1.0 forbids. Entities of its own are not read."""
    legal = _FORBIDDEN.sub("", _REFERENCE.sub(_allowed, _BARE.sub(_entity, _PROLOG.sub("", text))))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(legal.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if mark := wall(text):
            raise Challenged(f"no XML but {mark}") from error
        raise Malformed(f"the answer is not XML: {error}") from error


def _entity(bare: re.Match[str]) -> str:
    """An entity of HTML as its character; any other ampersand as itself."""
    named = html5.get(f"{bare['name']};") if bare["name"] else None
    return named if named and named not in "<&" else "&amp;" + bare.group()[1:]


def _allowed(reference: re.Match[str]) -> str:
    code = int(reference["hex"], 16) if reference["hex"] else int(reference["dec"])
    return "" if code > 0x10FFFF or 0xD800 <= code < 0xE000 or _FORBIDDEN.match(chr(code)) else reference.group()


def _row(page: Page, said: dict[str, str]) -> Notice:
    cell = _find(said, "submissionnumber")
    formula = _FORMULA.search(cell)
    shown = formula["text"] if formula else cell
    number = _NUMBER.search(shown) or _NUMBER.search(cell)
    ident = number.group() if number else one_line(shown).lstrip("=")
    device = _find(said, "device")
    stated = _day(_find(said, "dateoffinaldecision", "decisiondate", "finaldecision", "date"), page)
    link = formula["url"] if formula and _SCHEME.match(formula["url"]) else page.url
    fields = {
        "register": "FDA",
        "submission_number": ident,
        "product_name": device,
        "company": _find(said, "company"),
        "panel": _find(said, "panel"),
        "product_code": _find(said, "primaryproductcode", "productcode"),
    }
    return notice(page, ident, link, device, stated, fields=fields)


def _day(text: str, page: Page) -> Stated:
    """A date as text, or as the number of days that Excel counts from 1900."""
    if _SERIAL.fullmatch(text):
        text = (date(1899, 12, 30) + timedelta(days=int(text.partition(".")[0]))).isoformat()
    return parse_time(text, page.source.zone, "mdy")


def _find(said: dict[str, str], *names: str) -> str:
    """The cell whose name begins with the first of these that any does (``Panel`` is also ``Panel_lead``)."""
    for name in names:
        for key, text in said.items():
            if key.startswith(name):
                return text
    return ""
